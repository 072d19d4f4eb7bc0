/** How deep what is read may nest: recursive readers have a stack that ends, and Go's is a thousand times ours. */

/** Of what upstream reads to any depth, or to ten thousand. */
export const DEEPEST = 1000;

export class Nesting {
  #now = 0;
  readonly #most: number;
  readonly #refusal: () => Error;

  constructor(most: number, refusal: () => Error) {
    this.#most = most;
    this.#refusal = refusal;
  }

  /** Throws the refusal when this is one level too many. */
  within<T>(read: () => T): T {
    if (this.#now === this.#most) throw this.#refusal();
    this.#now += 1;
    try {
      return read();
    } finally {
      this.#now -= 1;
    }
  }
}
