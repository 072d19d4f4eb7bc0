/**
 * Counts requests by client address: so many an interval, filled up again at each interval's start, and with a block
 * interval those over the limit stay out for a while. In memory, per node; nothing runs by itself: what upstream's
 * sweeper would have dropped is dropped when the next request comes.
 */
import type { Clock, Micros } from '../../runtime.ts';
import { MINUTE, SECOND } from '../../runtime.ts';

export interface Verdict {
  readonly allowed: boolean;
  /** Absent for a client that is blocked. */
  readonly limit?: number;
  readonly remaining?: number;
  /** Whole seconds until the count begins anew, as upstream cuts them. */
  readonly reset?: number;
  /** Whole seconds; only when refused. */
  readonly retryAfter?: number;
}

interface Bucket {
  /** Monotonic micros. */
  readonly start: Micros;
  /** Intervals since `start`. */
  tick: number;
  left: number;
}

const sweepInterval: Micros = MINUTE;
const stale: Micros = 3 * MINUTE;

export class Limiter {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #interval: Micros;
  readonly #block: Micros;
  readonly #buckets = new Map<string, Bucket>();
  /** Since when an address is blocked. */
  readonly #blocked = new Map<string, Micros>();
  #swept: Micros;

  /** A fractional rate is rounded; there is always room for one. */
  constructor(clock: Clock, rate: number, interval: Micros, block: Micros) {
    this.#clock = clock;
    this.#limit = Math.max(1, Math.round(rate));
    this.#interval = interval;
    this.#block = block;
    this.#swept = clock.monotonic();
  }

  take(address: string): Verdict {
    const now = this.#clock.monotonic();
    this.#sweep(now);
    if (this.#block > 0) {
      const since = this.#blocked.get(address);
      if (since !== undefined) {
        if (now - since < this.#block) return { allowed: false, retryAfter: whole(since + this.#block - now) };
        this.#blocked.delete(address);
      }
    }
    let bucket = this.#buckets.get(address);
    if (bucket === undefined) this.#buckets.set(address, (bucket = { start: now, tick: 0, left: this.#limit }));
    const tick = Math.floor((now - bucket.start) / this.#interval);
    if (bucket.tick < tick) {
      bucket.tick = tick;
      bucket.left = this.#limit;
    }
    const reset = whole(bucket.start + (tick + 1) * this.#interval - now);
    if (bucket.left > 0) {
      bucket.left--;
      return { allowed: true, limit: this.#limit, remaining: bucket.left, reset };
    }
    let retryAfter = reset;
    if (this.#block > 0) {
      this.#blocked.set(address, now);
      retryAfter = whole(this.#block);
    }
    return { allowed: false, limit: this.#limit, remaining: 0, reset, retryAfter };
  }

  /** What the last sweep that would have run by now had found stale. */
  #sweep(now: Micros): void {
    const since = now - this.#swept;
    if (since < sweepInterval) return;
    this.#swept += since - (since % sweepInterval);
    for (const [address, { start, tick }] of this.#buckets) {
      if (this.#swept - (start + tick * this.#interval) > stale) this.#buckets.delete(address);
    }
    for (const [address, at] of this.#blocked) if (this.#swept - at >= this.#block) this.#blocked.delete(address);
  }
}

// A little time has passed upstream when it cuts the rest to seconds: a whole minute shows as 59.
const whole = (rest: Micros): number => Math.max(0, Math.ceil(rest / SECOND) - 1);
