/** Growing pauses between attempts: cenkalti/backoff's exponential back-off, as upstream uses it. */
import type { Micros, Random } from './runtime.ts';

export class Backoff {
  readonly #random: Random;
  readonly #initial: Micros;
  readonly #maximum: Micros;
  #interval: Micros;

  /** Pauses grow by half, each is then spread evenly over ±50 %. */
  constructor(random: Random, initial: Micros, maximum: Micros) {
    this.#random = random;
    this.#initial = initial;
    this.#maximum = maximum;
    this.#interval = initial;
  }

  next(): Micros {
    const interval = this.#interval;
    this.#interval = Math.min(this.#maximum, Math.floor((interval * 3) / 2));
    return Math.floor(interval / 2) + this.#random.below(interval + 1);
  }

  reset(): void {
    this.#interval = this.#initial;
  }
}
