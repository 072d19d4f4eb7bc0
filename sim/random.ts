/**
 * Chance, from one seed. Each concern draws from a stream of its own, derived by name, so that a new fault or a new
 * client never reshuffles another's draws.
 */
import seedrandom from 'seedrandom';
import { assert } from '../core/assert.ts';
import { encodeUtf8 } from '../core/codec/utf8.ts';
import { drbg } from '../core/crypto/drbg.ts';
import type { Random } from '../core/runtime.ts';

/** Draws below this bound have enough bits in 32. */
const SMALL = 0x10_0000;

export class Stream implements Random {
  readonly #next: seedrandom.PRNG;
  readonly seed: string;
  readonly #seed: string;
  #bytes: ((length: number) => Uint8Array) | undefined;

  constructor(seed: string, name: string) {
    this.seed = seed;
    this.#seed = `${seed}/${name}`;
    this.#next = seedrandom.alea(this.#seed);
  }

  below(bound: number): number {
    assert(Number.isSafeInteger(bound) && bound > 0, 'a draw has a positive integer bound');
    return Math.floor(this.fraction(bound) * bound);
  }

  /** Uniform in [0, 1), as fine as a draw below `bound` wants it. */
  fraction(bound: number): number {
    return Stream.isWide(bound) ? this.#next.double() : this.#next();
  }

  /** Whether 32 bits are too few. */
  static isWide(bound: number): boolean {
    return bound >= SMALL;
  }

  /** A uniform integer in [low, high]. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True in `parts` of a million cases. */
  chance(parts: number): boolean {
    return parts > 0 && this.below(1_000_000) < parts;
  }

  pick<T>(items: readonly T[]): T {
    assert(items.length > 0, 'something to pick from');
    return items[this.below(items.length)] as T;
  }

  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
    }
    return shuffled;
  }

  /** Drawn apart from the integers: neither moves the other on. */
  bytes(length: number): Uint8Array {
    this.#bytes ??= drbg(encodeUtf8(this.#seed));
    return this.#bytes(length);
  }
}

/** All streams of one run. */
export class Streams {
  readonly seed: string;
  readonly #streams = new Map<string, Stream>();

  constructor(seed: string) {
    this.seed = seed;
  }

  /** The stream of this name; the same one each time. */
  stream(name: string): Stream {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = new Stream(this.seed, name);
      this.#streams.set(name, stream);
    }
    return stream;
  }
}
