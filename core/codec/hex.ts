/** Lower-case hexadecimal, with the error texts of Go's encoding/hex. */
import { encodeUtf8 } from './utf8.ts';

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function hexByDigits(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += DIGITS[byte]!;
  return text;
}

// Younger than the library that `core` is limited to, and than Node 22.
const { toHex } = Uint8Array.prototype as { readonly toHex?: () => string };

export const encodeHex: (bytes: Uint8Array) => string =
  toHex === undefined ? hexByDigits : (bytes) => toHex.call(bytes);

function nibble(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  if (unit >= 0x61 && unit <= 0x66) return unit - 0x57;
  if (unit >= 0x41 && unit <= 0x46) return unit - 0x37;
  return -1;
}

/** Of the first byte in UTF-8, as `%#U` shows a character of that number. */
function invalidByte(text: string, at: number): string {
  const byte = encodeUtf8(String.fromCodePoint(text.codePointAt(at)!))[0]!;
  const number = `U+00${DIGITS[byte]!.toUpperCase()}`;
  // First bytes of characters are below 0x80 or from 0xc2 on.
  const shown = byte >= 0x20 && byte !== 0x7f;
  return `encoding/hex: invalid byte: ${number}${shown ? ` '${String.fromCodePoint(byte)}'` : ''}`;
}

/** Either case. Throws `encoding/hex: invalid byte: U+0078 'x'` or `encoding/hex: odd length hex string`. */
export function decodeHex(text: string): Uint8Array {
  const out = new Uint8Array(text.length >> 1);
  for (let i = 0; i < text.length; i++) {
    const value = nibble(text.charCodeAt(i));
    if (value < 0) throw new Error(invalidByte(text, i));
    if (i >> 1 < out.length) out[i >> 1] = (out[i >> 1]! << 4) | value;
  }
  if (text.length % 2 === 1) throw new Error('encoding/hex: odd length hex string');
  return out;
}

/** `ab:cd:…`: how OpenBao shows serial numbers and key identifiers. */
export const colonHex = (bytes: Uint8Array): string => (encodeHex(bytes).match(/../g) ?? []).join(':');
