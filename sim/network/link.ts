/** One direction between two hosts: how long a message takes, and whether it gets through. */
import { type Micros, MILLISECOND } from '../../core/runtime.ts';
import { type Distribution, quantiles } from '../distribution.ts';
import type { Stream } from '../random.ts';

export interface LinkProfile {
  readonly latency: Distribution;
  /** Bytes a second; 0: as fast as you like. */
  readonly bandwidth: number;
  /** Packets in a million. A lost one is sent again, so that loss shows as delay. */
  readonly loss: number;
  /** Messages in a million that are overtaken: TCP shows it as delay, an unmasked network delivers out of order. */
  readonly reordering: number;
  /** Messages in a million that arrive twice: TCP hides it, an unmasked network does not. */
  readonly duplication: number;
}

/** Processes on one machine. */
export const LOOPBACK: LinkProfile = {
  latency: quantiles(30, 34, 38, 42, 48, 56, 80),
  bandwidth: 0,
  loss: 0,
  reordering: 0,
  duplication: 0,
};

/** Machines in one data centre. */
export const LAN: LinkProfile = {
  latency: quantiles(120, 150, 170, 190, 210, 240, 280, 340, 450, 2_000),
  bandwidth: 1_000_000_000,
  loss: 20,
  reordering: 200,
  duplication: 50,
};

/** How late an overtaken message is. */
const REORDERED: Distribution = quantiles(100, 500, MILLISECOND, 5 * MILLISECOND);

export class Link {
  profile: LinkProfile;
  /** Nothing gets through. */
  blocked = false;
  /** Every message is late by as much more. */
  clog: Distribution | undefined;
  /** Messages that a fault held up: shows whether a fault bit. */
  hindered = 0;
  readonly #stream: Stream;
  #busyUntil: Micros = 0;

  constructor(profile: LinkProfile, stream: Stream) {
    this.profile = profile;
    this.#stream = stream;
  }

  /** Whether one packet gets through now. */
  passes(): boolean {
    if (this.blocked) {
      this.hindered++;
      return false;
    }
    return !this.#stream.chance(this.profile.loss);
  }

  /** Micros from now until a message of so many bytes is there. */
  delay(now: Micros, length: number): Micros {
    const { profile } = this;
    let delay = profile.latency.sample(this.#stream);
    if (this.#stream.chance(profile.reordering)) delay += REORDERED.sample(this.#stream);
    if (this.clog !== undefined) {
      delay += this.clog.sample(this.#stream);
      this.hindered++;
    }
    if (profile.bandwidth > 0 && length > 0) {
      const start = Math.max(now, this.#busyUntil);
      this.#busyUntil = start + Math.ceil((length * 1_000_000) / profile.bandwidth);
      delay += this.#busyUntil - now;
    }
    return delay;
  }

  duplicates(): boolean {
    return this.#stream.chance(this.profile.duplication);
  }
}
