/** Ed25519 over node:crypto, deterministic by RFC 8032. Keys go in as DER, because JWK would need the public part. */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { concatBytes } from '../core/codec/bytes.ts';
import { decodeHex } from '../core/codec/hex.ts';

/** PKCS#8 and SPKI of a key up to its 32 bytes (RFC 8410). */
const PKCS8 = decodeHex('302e020100300506032b657004220420');
const SPKI = decodeHex('302a300506032b6570032100');

const privateKey = (seed: Uint8Array) =>
  createPrivateKey({ key: Buffer.from(concatBytes(PKCS8, seed)), format: 'der', type: 'pkcs8' });

/** `seed` is 32 bytes: the private key. */
export const ed25519Public = (seed: Uint8Array): Uint8Array =>
  Uint8Array.from(createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' }).subarray(SPKI.length));

export const ed25519Sign = (seed: Uint8Array, message: Uint8Array): Uint8Array =>
  Uint8Array.from(sign(null, message, privateKey(seed)));

/** False for anything malformed. */
export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  try {
    const key = createPublicKey({ key: Buffer.from(concatBytes(SPKI, publicKey)), format: 'der', type: 'spki' });
    return verify(null, message, key, signature);
  } catch {
    // A point off the curve is a wrong key, not an accident.
    return false;
  }
}
