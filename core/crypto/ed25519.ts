/** Ed25519 (RFC 8032), which is deterministic everywhere. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, equalBytes } from '../codec/bytes.ts';

/** `seed` is 32 bytes: the private key. */
export const ed25519Public = (seed: Uint8Array): Uint8Array => ed25519.getPublicKey(seed);

export const ed25519Sign = (seed: Uint8Array, message: Uint8Array): Uint8Array => ed25519.sign(message, seed);

const { Point } = ed25519;

/** A little-endian number. */
function number(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = value * 256n + BigInt(bytes[i]!);
  return value;
}

/**
 * False for anything malformed. The bytes of R are compared, as Go and OpenSSL do: noble's own verification takes other
 * encodings of the same point. Keys of a small order, under which anybody can sign, are refused as OpenSSL does.
 */
export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  const order = Point.Fn.ORDER;
  const [point, scalar] = [signature.subarray(0, 32), number(signature.subarray(32))];
  if (scalar >= order) return false;
  try {
    const challenge = number(sha512(concatBytes(point, publicKey, message))) % order;
    const key = Point.fromBytes(publicKey, true);
    if (key.isSmallOrder()) return false;
    const back = key.negate().multiplyUnsafe(challenge);
    return equalBytes(Point.BASE.multiplyUnsafe(scalar).add(back).toBytes(), point);
  } catch {
    // A point off the curve is a wrong key, not an accident.
    return false;
  }
}
