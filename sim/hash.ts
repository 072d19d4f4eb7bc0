/** Folding content into a run's hash. */
import { assert } from '../core/assert.ts';

const FIRST = 0x243f6a88;
const SECOND = 0x85a308d3 | 0;

/**
 * The rolling hash of a run: two 32-bit lanes, a multiply and a rotation each. Given the state, every step is a
 * bijection of the folded word, so that any single changed word changes the state for certain. Not a cryptographic hash.
 */
export class RollingHash {
  #a = FIRST;
  #b = SECOND;

  /** Begins anew. */
  reset(): void {
    this.#a = FIRST;
    this.#b = SECOND;
  }

  /** Folds the low 32 bits of an integer. */
  word(value: number): void {
    let a = Math.imul(this.#a ^ value, 0x9e3779b1);
    a = ((a << 15) | (a >>> 17)) + 0x165667b1;
    const b = Math.imul(this.#b + a, 0x85ebca77);
    this.#a = a | 0;
    this.#b = (((b << 13) | (b >>> 19)) ^ value) | 0;
  }

  /** Folds an integer of up to 53 bits. */
  integer(value: number): void {
    this.word(value | 0);
    this.word(Math.floor(value / 0x1_0000_0000) | 0);
  }

  /** Folds the length and every byte. */
  bytes(bytes: Uint8Array): void {
    const length = bytes.length;
    const whole = length & ~3;
    let a = this.#a ^ length;
    let b = this.#b;
    for (let i = 0; i < whole; i += 4) {
      const value = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
      a = Math.imul(a ^ value, 0x9e3779b1);
      a = (((a << 15) | (a >>> 17)) + 0x165667b1) | 0;
      b = Math.imul(b + a, 0x85ebca77);
      b = ((b << 13) | (b >>> 19)) ^ value;
    }
    this.#a = a;
    this.#b = b;
    let rest = 0;
    for (let i = whole; i < length; i++) rest = (rest << 8) | bytes[i]!;
    this.word(rest);
  }

  /** Folds the length and every UTF-16 unit. */
  text(text: string): void {
    const length = text.length;
    let a = this.#a ^ length;
    let b = this.#b;
    for (let i = 0; i < length; i++) {
      const value = text.charCodeAt(i);
      a = Math.imul(a ^ value, 0x9e3779b1);
      a = (((a << 15) | (a >>> 17)) + 0x165667b1) | 0;
      b = Math.imul(b + a, 0x85ebca77);
      b = ((b << 13) | (b >>> 19)) ^ value;
    }
    this.#a = a;
    this.#b = b;
    this.word(length);
  }

  /** Folds plain data: numbers, strings, booleans, bytes, arrays and objects in their own key order. */
  data(value: unknown): void {
    if (typeof value === 'string') {
      this.word(1);
      this.text(value);
    } else if (typeof value === 'number') {
      this.word(2);
      if (Number.isSafeInteger(value)) this.integer(value);
      else this.text(String(value));
    } else if (typeof value === 'boolean') {
      this.word(value ? 3 : 4);
    } else if (value === undefined || value === null) {
      this.word(5);
    } else if (value instanceof Uint8Array) {
      this.word(6);
      this.bytes(value);
    } else if (Array.isArray(value)) {
      this.word(7);
      this.word(value.length);
      for (const item of value) this.data(item);
    } else if (value instanceof Map) {
      this.word(8);
      for (const [key, item] of value) {
        this.data(key);
        this.data(item);
      }
      this.word(9);
    } else if (typeof value === 'object') {
      this.word(10);
      for (const key in value) {
        this.text(key);
        this.data((value as Record<string, unknown>)[key]);
      }
      this.word(11);
    } else {
      assert(typeof value === 'bigint', 'only plain data is folded');
      this.text(value.toString());
    }
  }

  get low(): number {
    return this.#a >>> 0;
  }

  get high(): number {
    return this.#b >>> 0;
  }

  /** Sixteen hex digits. */
  get digest(): string {
    return (this.high.toString(16).padStart(8, '0') + this.low.toString(16).padStart(8, '0')).toLowerCase();
  }
}

/** The digest of one byte string, for comparing states and naming contents. */
export function digestOf(bytes: Uint8Array): string {
  const hash = new RollingHash();
  hash.bytes(bytes);
  return hash.digest;
}
