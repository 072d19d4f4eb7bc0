/** UTF-8, the way Go sees it: invalid bytes and lone surrogates become U+FFFD. */

interface Encoder {
  encode(text: string): Uint8Array;
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
const SHORT = 160;

export function encodeUtf8(text: string): Uint8Array {
  const length = text.length;
  if (length > SHORT) return encoder.encode(text);
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
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at]!;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const character = decodeUtf8Strict(bytes.subarray(at, at + length));
    text += character ?? '\ufffd';
    at += character === undefined ? 1 : length;
  }
  return text;
}

/** Undefined when the bytes are not valid UTF-8. */
export function decodeUtf8Strict(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}
