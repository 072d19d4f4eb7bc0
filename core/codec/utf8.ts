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
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

export const encodeUtf8 = (text: string): Uint8Array => encoder.encode(text);

/** A byte order mark is kept; each invalid sequence becomes U+FFFD. */
export const decodeUtf8 = (bytes: Uint8Array): string => lenient.decode(bytes);

/** Undefined when the bytes are not valid UTF-8. */
export function decodeUtf8Strict(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}
