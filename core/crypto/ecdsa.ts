/**
 * Deterministic ECDSA (RFC 6979) over the NIST curves. Both implementations of `Crypto` sign with this:
 * node:crypto draws its own nonces, so its signatures could never be replayed.
 */
import { p256, p384, p521 } from '@noble/curves/nist.js';
import type { EcdsaKey } from './crypto.ts';

const curves = { p256, p384, p521 };
const secretBytes = { p256: 32, p384: 48, p521: 66 };
// Go neither prehashes here nor insists on a low s.
const raw = { prehash: false, lowS: false } as const;

/** Draws candidates until one is a valid scalar. */
export function ecdsaGenerate(curve: EcdsaKey['curve'], random: (length: number) => Uint8Array): EcdsaKey {
  for (;;) {
    const secret = random(secretBytes[curve]).slice();
    if (curve === 'p521') secret[0]! &= 1;
    if (curves[curve].utils.isValidSecretKey(secret)) return { curve, secret };
  }
}

/** Uncompressed point: 04 | x | y. */
export function ecdsaPublic(key: EcdsaKey): Uint8Array {
  return curves[key.curve].getPublicKey(key.secret, false);
}

/** r | s, each padded to the curve's size; the nonce's HMAC uses the curve's own hash. */
export function ecdsaSign(key: EcdsaKey, digest: Uint8Array): Uint8Array {
  return curves[key.curve].sign(digest, key.secret, raw);
}

/** False for anything malformed. */
export function ecdsaVerify(
  curve: EcdsaKey['curve'],
  publicPoint: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 2 * secretBytes[curve]) return false;
  try {
    return curves[curve].verify(signature, digest, publicPoint, raw);
  } catch {
    // A point off the curve is a wrong key, not an accident.
    return false;
  }
}
