/**
 * A digest of a whole key-value state that follows each change in time proportional to the change: the sum over all
 * pairs of a hash of the pair. It tells replicas apart that should be equal; it protects against no one.
 */
export class StateDigest {
  #high: number;
  #low: number;

  constructor(from?: StateDigest) {
    this.#high = from === undefined ? 0 : from.#high;
    this.#low = from === undefined ? 0 : from.#low;
  }

  add(key: string, value: Uint8Array): void {
    this.#mix(key, value, 1);
  }

  remove(key: string, value: Uint8Array): void {
    this.#mix(key, value, -1);
  }

  /** 16 hex digits. */
  text(): string {
    return hex(this.#high) + hex(this.#low);
  }

  #mix(key: string, value: Uint8Array, sign: 1 | -1): void {
    let a = 0xdeadbeef ^ key.length;
    let b = 0x41c6ce57 ^ value.length;
    for (let at = 0; at < key.length; at++) {
      const unit = key.charCodeAt(at);
      a = Math.imul(a ^ unit, 0x9e3779b1);
      b = Math.imul(b ^ unit, 0x5f356495);
    }
    const { length } = value;
    const whole = length & ~3;
    let at = 0;
    for (; at < whole; at += 4) {
      const word = value[at]! | (value[at + 1]! << 8) | (value[at + 2]! << 16) | (value[at + 3]! << 24);
      a = Math.imul(a ^ word, 0x85ebca77);
      a = (a << 13) | (a >>> 19);
      b = Math.imul(b ^ word, 0xc2b2ae3d);
      b = (b << 11) | (b >>> 21);
    }
    for (; at < length; at++) {
      a = Math.imul(a ^ value[at]!, 0x85ebca77);
      b = Math.imul(b ^ value[at]!, 0xc2b2ae3d);
    }
    a = Math.imul(a ^ (a >>> 16) ^ (b >>> 13), 0x85ebca6b);
    b = Math.imul(b ^ (b >>> 16) ^ (a >>> 13), 0xc2b2ae35);
    this.#high = (this.#high + sign * (a ^ (b >>> 16))) >>> 0;
    this.#low = (this.#low + sign * (b ^ (a >>> 16))) >>> 0;
  }
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');
