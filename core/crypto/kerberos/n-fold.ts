/** RFC 3961, section 5.1: a text of any length, made as long as is wanted, in which every bit counts alike. */
const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** `size` is in bytes. */
export function nFold(input: Uint8Array, size: number): Uint8Array {
  const { length } = input;
  const bits = length * 8;
  const out = new Uint8Array(size);
  const whole = (length / divisor(length, size)) * size;
  let carry = 0;
  // Copies of the input, each turned 13 bits further to the right, are added with the carry going around.
  for (let at = whole - 1; at >= 0; at--) {
    const copy = Math.floor(at / length);
    const first = ((at % length) * 8 + bits - ((13 * copy) % bits)) % bits;
    const byte = bitsAt(input, first, bits);
    carry += out[at % size]! + byte;
    out[at % size] = carry & 0xff;
    carry >>= 8;
  }
  for (let at = size - 1; carry > 0; at = at === 0 ? size - 1 : at - 1) {
    carry += out[at]!;
    out[at] = carry & 0xff;
    carry >>= 8;
  }
  return out;
}

/** Eight bits from this one on, around the end. */
function bitsAt(input: Uint8Array, first: number, bits: number): number {
  let byte = 0;
  for (let i = 0; i < 8; i++) {
    const bit = (first + i) % bits;
    byte = (byte << 1) | ((input[bit >> 3]! >> (7 - (bit & 7))) & 1);
  }
  return byte;
}
