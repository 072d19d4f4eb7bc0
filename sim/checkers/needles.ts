/**
 * Many byte strings sought in one pass (Wu and Manber, "A fast algorithm for multi-pattern searching", 1994, with blocks
 * of two bytes): a run looks through every byte on the wire for every secret, so the pass must skip most of them.
 */
import { assert } from '../../core/assert.ts';

const BLOCK = 2;
/** Several blocks share a place, so that the table stays in the processor's nearest cache. */
const PLACES = 0x1000;
const placeOf = (first: number, second: number): number => (first << 4) ^ second;
const LONGEST_SKIP = 0xff;

export class Needles {
  readonly #parts: readonly Uint8Array[];
  /** How far the window may move when it ends with this block; 0 where some part may be in it. */
  readonly #skips: Uint8Array;
  /** Bytes of every part that the window shows: the shortest part's length. */
  readonly #window: number;

  /** Each part has at least two bytes. */
  constructor(parts: readonly Uint8Array[]) {
    this.#parts = parts;
    this.#window = Math.min(LONGEST_SKIP, ...parts.map(({ length }) => length));
    assert(this.#window >= BLOCK, 'a single byte is in everything');
    this.#skips = new Uint8Array(PLACES).fill(this.#window - BLOCK + 1);
    for (const part of parts) {
      for (let end = BLOCK - 1; end < this.#window; end++) {
        const block = placeOf(part[end - 1]!, part[end]!);
        this.#skips[block] = Math.min(this.#skips[block]!, this.#window - 1 - end);
      }
    }
  }

  /** The place among the parts of the first that occurs in `whole`, or -1. */
  find(whole: Uint8Array): number {
    const skips = this.#skips;
    const length = whole.length;
    for (let end = this.#window - 1; end < length;) {
      const skip = skips[placeOf(whole[end - 1]!, whole[end]!)]!;
      if (skip === 0) {
        const found = this.#startingAt(whole, end - this.#window + 1);
        if (found >= 0) return found;
      }
      end += skip || 1;
    }
    return -1;
  }

  #startingAt(whole: Uint8Array, start: number): number {
    return this.#parts.findIndex((part) => {
      if (start + part.length > whole.length) return false;
      for (let at = 0; at < part.length; at++) if (whole[start + at] !== part[at]) return false;
      return true;
    });
  }
}
