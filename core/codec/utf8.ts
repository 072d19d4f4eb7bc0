/** UTF-8, the way Go sees it: invalid bytes and lone surrogates become U+FFFD. */
import { filled } from './slab.ts';

interface Encoder {
  encode(text: string): Uint8Array;
  encodeInto(text: string, into: Uint8Array): { readonly written: number };
}
interface Decoder {
  decode(bytes: Uint8Array): string;
}
// Pure functions of their input on every platform, but not in the ES2023 library that `core` is limited to.
declare const TextEncoder: new () => Encoder;
declare const TextDecoder: new (label: string, options: { ignoreBOM?: boolean; fatal?: boolean }) => Decoder;

const encoder = new TextEncoder();
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Up to so many characters a loop is faster than the platform's encoder, most of whose cost is the call. */
const SHORT = 32;
/** A longer text gets bytes of its own. */
const LONG = 2 * 1024;
/** A UTF-16 unit takes up to so many bytes. */
const WIDEST = 3;

/** For what is soon forgotten: see slab.ts. */
export function encodeUtf8(text: string): Uint8Array {
  const length = text.length;
  if (length > LONG) return encoder.encode(text);
  if (length > SHORT) return filled(length * WIDEST, (room) => encoder.encodeInto(text, room).written);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) return encoder.encode(text);
    bytes[at] = unit;
  }
  return bytes;
}

/** A byte order mark is kept; every byte that is not part of a valid sequence becomes a U+FFFD of its own, as in Go. */
export const decodeUtf8 = (bytes: Uint8Array): string => decodeUtf8Strict(bytes) ?? decodeBroken(bytes);

function decodeBroken(bytes: Uint8Array): string {
  let text = '';
  for (const one of sequencesOf(bytes)) text += typeof one === 'number' ? '\ufffd' : one;
  return text;
}

/** Valid sequences as text, each byte that is part of none as a number; in order. */
export function* sequencesOf(bytes: Uint8Array): Generator<string | number> {
  for (let at = 0; at < bytes.length;) {
    const size = sequenceAt(bytes, at);
    yield size === 0 ? bytes[at]! : strict.decode(bytes.subarray(at, at + size));
    at += size || 1;
  }
}

/** Of what `decodeUtf8` makes: the byte that became the U+FFFD at this place; undefined where there was one before. */
export function brokenByteAt(bytes: Uint8Array, place: number): number | undefined {
  for (let at = 0, unit = 0; at < bytes.length;) {
    const size = sequenceAt(bytes, at);
    if (unit >= place) return size === 0 ? bytes[at] : undefined;
    unit += size === 4 ? 2 : 1;
    at += size || 1;
  }
  return undefined;
}

/** The bytes of the valid sequence that begins here (the Unicode Standard, table 3-7); 0 when none does. */
function sequenceAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  const second = bytes[at + 1] ?? 0;
  if (second < lowest || second > highest) return 0;
  for (let i = 2; i < size; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return size;
}

/** Undefined when the bytes are not valid UTF-8. */
export function decodeUtf8Strict(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}
