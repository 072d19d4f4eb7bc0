/** Base62: random ids of tokens and accessors, and whole byte strings as one number (KV v2's encrypted names). */

const RANDOM_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const NUMBER_ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** `length` uniform characters; bytes of 248 and more are thrown away, so that none is likelier than another. */
export function randomBase62(length: number, random: (length: number) => Uint8Array): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random(length - text.length + 8)) {
      if (byte < 248) text += RANDOM_ALPHABET[byte % 62]!;
      if (text.length === length) break;
    }
  }
  return text;
}

/** The bytes as one big-endian number in base 62 (0–9, a–z, A–Z); '0' for no bytes. */
export function encodeBase62(bytes: Uint8Array): string {
  let number = 0n;
  for (const byte of bytes) number = (number << 8n) | BigInt(byte);
  if (number === 0n) return '0';
  let text = '';
  while (number > 0n) {
    text = NUMBER_ALPHABET[Number(number % 62n)]! + text;
    number /= 62n;
  }
  return text;
}

/** The inverse of `encodeBase62` for bytes without leading zeros; undefined for other characters. */
export function decodeBase62(text: string): Uint8Array | undefined {
  let number = 0n;
  for (const character of text) {
    const digit = NUMBER_ALPHABET.indexOf(character);
    if (digit < 0) return undefined;
    number = number * 62n + BigInt(digit);
  }
  const bytes: number[] = [];
  while (number > 0n) {
    bytes.unshift(Number(number & 255n));
    number >>= 8n;
  }
  return Uint8Array.from(bytes);
}
