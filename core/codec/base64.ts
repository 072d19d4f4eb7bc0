/** Base64 in Go's four variants, with the error texts of encoding/base64. */

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

interface Variant {
  readonly alphabet: string;
  readonly padded: boolean;
}

const standard: Variant = { alphabet: STANDARD, padded: true };
const rawUrl: Variant = { alphabet: URL, padded: false };
const url: Variant = { alphabet: URL, padded: true };
const rawStandard: Variant = { alphabet: STANDARD, padded: false };

const tableOf = (alphabet: string): Int8Array => {
  const table = new Int8Array(256).fill(-1);
  for (let i = 0; i < 64; i++) table[alphabet.charCodeAt(i)] = i;
  return table;
};
const standardTable = tableOf(STANDARD);
const urlTable = tableOf(URL);

/** `illegal base64 data at input byte N`: what every decoder here throws. */
export class Base64Error extends Error {
  constructor(at: number) {
    super(`illegal base64 data at input byte ${at}`);
    this.name = 'Base64Error';
  }
}

function encode(bytes: Uint8Array, { alphabet, padded }: Variant): string {
  let text = '';
  const whole = bytes.length - (bytes.length % 3);
  for (let i = 0; i < whole; i += 3) {
    const bits = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    text += alphabet[bits >> 18]! + alphabet[(bits >> 12) & 63]! + alphabet[(bits >> 6) & 63]! + alphabet[bits & 63]!;
  }
  if (bytes.length - whole === 1) {
    const bits = bytes[whole]!;
    text += alphabet[bits >> 2]! + alphabet[(bits << 4) & 63]! + (padded ? '==' : '');
  } else if (bytes.length - whole === 2) {
    const bits = (bytes[whole]! << 8) | bytes[whole + 1]!;
    text += alphabet[bits >> 10]! + alphabet[(bits >> 4) & 63]! + alphabet[(bits << 2) & 63]! + (padded ? '=' : '');
  }
  return text;
}

// Go skips \r and \n anywhere, wants exact padding, and does not mind set bits behind the last byte.
function decode(text: string, { alphabet, padded }: Variant): Uint8Array {
  const table = alphabet === STANDARD ? standardTable : urlTable;
  const out = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let size = 0;
  let bits = 0;
  let filled = 0;
  let at = 0;
  const skipBreaks = (): void => {
    while (at < text.length && (text[at] === '\n' || text[at] === '\r')) at++;
  };
  for (;;) {
    skipBreaks();
    if (at === text.length) {
      if (filled === 0) return out.subarray(0, size);
      if (filled === 1 || padded) throw new Base64Error(at - filled);
      break;
    }
    const unit = text.charCodeAt(at++);
    const value = unit < 256 ? table[unit]! : -1;
    if (value >= 0) {
      bits = (bits << 6) | value;
      if (++filled < 4) continue;
      out[size++] = bits >> 16;
      out[size++] = bits >> 8;
      out[size++] = bits;
      bits = 0;
      filled = 0;
      continue;
    }
    if (unit !== 0x3d || !padded || filled < 2) throw new Base64Error(at - 1);
    if (filled === 2) {
      skipBreaks();
      if (at === text.length) throw new Base64Error(text.length);
      if (text[at] !== '=') throw new Base64Error(at - 1);
      at++;
    }
    skipBreaks();
    if (at < text.length) throw new Base64Error(at);
    break;
  }
  if (filled === 2) out[size++] = bits >> 4;
  else {
    out[size++] = bits >> 10;
    out[size++] = bits >> 2;
  }
  return out.subarray(0, size);
}

/** With padding. */
export const encodeBase64 = (bytes: Uint8Array): string => encode(bytes, standard);
/** Throws Base64Error. */
export const decodeBase64 = (text: string): Uint8Array => decode(text, standard);
export const encodeBase64RawUrl = (bytes: Uint8Array): string => encode(bytes, rawUrl);
/** Throws Base64Error. */
export const decodeBase64RawUrl = (text: string): Uint8Array => decode(text, rawUrl);
export const encodeBase64Url = (bytes: Uint8Array): string => encode(bytes, url);
/** Throws Base64Error. */
export const decodeBase64Url = (text: string): Uint8Array => decode(text, url);
export const encodeBase64Raw = (bytes: Uint8Array): string => encode(bytes, rawStandard);
/** Throws Base64Error. */
export const decodeBase64Raw = (text: string): Uint8Array => decode(text, rawStandard);
