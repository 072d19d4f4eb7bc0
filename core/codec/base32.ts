/** Base32 (RFC 4648) without padding, with the error text of Go's encoding/base32. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export class Base32Error extends Error {
  constructor(at: number) {
    super(`illegal base32 data at input byte ${at}`);
    this.name = 'Base32Error';
  }
}

export function encodeBase32(bytes: Uint8Array): string {
  let out = '';
  let value = 0;
  let bits = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += ALPHABET[(value >> bits) & 31]!;
    }
  }
  return bits === 0 ? out : out + ALPHABET[(value << (5 - bits)) & 31]!;
}

/** How many characters a last group of eight may have: those that end with a byte. */
const WHOLE = new Set([0, 2, 4, 5, 7]);

/** Throws Base32Error. */
export function decodeBase32(text: string): Uint8Array {
  const out: number[] = [];
  let value = 0;
  let bits = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = ALPHABET.indexOf(text[at]!);
    if (digit < 0) throw new Base32Error(at);
    value = ((value << 5) | digit) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out.push((value >> bits) & 0xff);
  }
  if (!WHOLE.has(text.length % 8)) throw new Base32Error(text.length);
  return Uint8Array.from(out);
}
