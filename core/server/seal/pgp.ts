/** Shares and tokens for the eyes of one holder each: encrypted to their OpenPGP keys. */
import { Base64Error, decodeBase64 } from '../../codec/base64.ts';
import { encodeHex } from '../../codec/hex.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Entity } from '../../crypto/openpgp/key.ts';
import { readEntity } from '../../crypto/openpgp/key.ts';
import { encryptMessage } from '../../crypto/openpgp/encrypt.ts';
import { OpenPgpError } from '../../crypto/openpgp/packets.ts';
import { Fault, failure } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';

/** A key that cannot be used. */
export class PgpKeyError extends Fault {
  /** What Go's Printf shows beside the text; the text where it shows an address. */
  readonly detail: string;
  constructor(message: string, detail: string) {
    super('error', message);
    this.name = 'PgpKeyError';
    this.detail = detail;
  }
}

/** `key` is the base64 of what `gpg --export` gives. */
export function pgpEntity(key: string, runtime: Runtime): Entity {
  let bytes: Uint8Array;
  try {
    bytes = decodeBase64(key);
  } catch (error) {
    if (!(error instanceof Base64Error)) throw error;
    throw new PgpKeyError(`error decoding given PGP key: ${error.message}`, error.message.split(' ').at(-1)!);
  }
  try {
    return readEntity(bytes, runtime.crypto);
  } catch (error) {
    if (!(error instanceof OpenPgpError)) throw error;
    const text = `error parsing given PGP key: ${error.message}`;
    throw new PgpKeyError(text, error.detail);
  }
}

/** Lower-case hex. */
export const pgpFingerprints = (keys: readonly string[], runtime: Runtime): string[] =>
  keys.map((key) => pgpEntity(key, runtime).fingerprint);

/** The message's bytes. */
export function encryptFor(key: string, plaintext: Uint8Array, runtime: Runtime): Uint8Array {
  const entity = pgpEntity(key, runtime);
  try {
    return encryptMessage(entity, plaintext, runtime.crypto, (length) => runtime.random.bytes(length));
  } catch (error) {
    if (!(error instanceof OpenPgpError)) throw error;
    throw failure(`error setting up encryption for PGP message: ${error.message}`);
  }
}

/** Each share in hexadecimal, for the holder of the key at its place; the shares themselves where there are no keys. */
export const encryptShares = (
  shares: readonly Uint8Array[],
  keys: readonly string[],
  runtime: Runtime,
): readonly Uint8Array[] =>
  keys.length === 0 ? shares : shares.map((share, i) => encryptFor(keys[i]!, encodeUtf8(encodeHex(share)), runtime));
