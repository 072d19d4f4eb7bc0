/** Ed25519 (RFC 8032), which is deterministic everywhere. */
import { ed25519 } from '@noble/curves/ed25519.js';

/** `seed` is 32 bytes: the private key. */
export const ed25519Public = (seed: Uint8Array): Uint8Array => ed25519.getPublicKey(seed);

export const ed25519Sign = (seed: Uint8Array, message: Uint8Array): Uint8Array => ed25519.sign(message, seed);

/** False for anything malformed. */
export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  try {
    return ed25519.verify(signature, message, publicKey);
  } catch {
    // A point off the curve is a wrong key, not an accident.
    return false;
  }
}
