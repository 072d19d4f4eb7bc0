/** What stands for a TLS handshake on simulated connections: the first message, with the certificates of the client. */
import { decodeBase64, encodeBase64 } from '../../core/codec/base64.ts';
import { decodeUtf8, encodeUtf8 } from '../../core/codec/utf8.ts';

const HELLO = 'TLS ';

/** `certificates`: DER, the client's own first. */
export const encodeHello = (certificates: readonly Uint8Array[]): Uint8Array =>
  encodeUtf8(HELLO + certificates.map((bytes) => encodeBase64(bytes)).join(' '));

/** Undefined for a message that is none. */
export function decodeHello(message: Uint8Array): readonly Uint8Array[] | undefined {
  if (decodeUtf8(message.subarray(0, HELLO.length)) !== HELLO) return undefined;
  const shown = decodeUtf8(message.subarray(HELLO.length));
  return shown === '' ? [] : shown.split(' ').map((text) => decodeBase64(text));
}
