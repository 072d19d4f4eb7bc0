/** The real clocks, which a test may move forward. */
import type { Micros, Timer } from '../core/runtime.ts';
import { HostClock, type EndingClock } from '../host/clock.ts';

interface Waiting {
  readonly due: Micros;
  readonly run: () => void;
  timer: Timer;
}

export class MovableClock implements EndingClock {
  readonly #real = new HostClock();
  /** In the order in which they were set. */
  readonly #waiting = new Set<Waiting>();
  #ahead: Micros = 0;

  wall(): Micros {
    return this.#real.wall() + this.#ahead;
  }

  monotonic(): Micros {
    return this.#real.monotonic() + this.#ahead;
  }

  after(delay: Micros, run: () => void): Timer {
    const waiting: Waiting = {
      due: this.monotonic() + Math.max(0, delay),
      run,
      timer: this.#real.after(delay, () => this.#fire(waiting)),
    };
    this.#waiting.add(waiting);
    return { cancel: () => this.#drop(waiting) };
  }

  sleep(delay: Micros): Promise<void> {
    return new Promise((resolve) => this.after(delay, resolve));
  }

  /** Lets `span` pass at once. What comes due on the way happens at its time and in its order. */
  async advance(span: Micros): Promise<void> {
    const end = this.monotonic() + span;
    await settled();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#moveTo(next.due);
      this.#fire(next);
      await settled();
    }
    this.#moveTo(end);
    for (const waiting of this.#waiting) {
      waiting.timer.cancel();
      waiting.timer = this.#real.after(waiting.due - this.monotonic(), () => this.#fire(waiting));
    }
  }

  end(): void {
    this.#real.end();
  }

  #moveTo(time: Micros): void {
    this.#ahead += Math.max(0, time - this.monotonic());
  }

  /** The first to come due until `end`; of two at one time, the one that was set first. */
  #next(end: Micros): Waiting | undefined {
    let first: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (waiting.due <= end && (first === undefined || waiting.due < first.due)) first = waiting;
    }
    return first;
  }

  #fire(waiting: Waiting): void {
    this.#drop(waiting);
    waiting.run();
  }

  #drop(waiting: Waiting): void {
    waiting.timer.cancel();
    this.#waiting.delete(waiting);
  }
}

/** A turn of the event loop, so that whatever a timer set off goes on as far as it can. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
