/** Keys derived from a version and the client's context. */
import type { Crypto } from '../../crypto/crypto.ts';
import { failure, refuse } from '../../fault.ts';
import type { KeyVersion } from './key-version.ts';
import type { Policy } from './policy.ts';

const uint32 = (value: number): Uint8Array =>
  Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);

/** NIST SP 800-108, counter mode over HMAC-SHA256: always 32 bytes. */
const counterMode = (crypto: Crypto, key: Uint8Array, context: Uint8Array): Uint8Array =>
  crypto.hmac('sha256', key, uint32(1), context, uint32(256));

/** `length` bytes, or the version's own key when nothing is derived. */
export function deriveKey(
  crypto: Crypto,
  policy: Policy,
  version: KeyVersion,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const { key } = version;
  if (key === undefined) throw failure('unable to access the key; key type does not have one to derive from');
  if (!policy.derived) return key;
  if (context.length === 0) {
    throw refuse(
      "missing 'context' for key derivation; the key was created using a derived key, which means additional, per-request information must be included in order to perform operations with the key",
    );
  }
  if (policy.kdf === 'hmac-sha256-counter') return counterMode(crypto, key, context);
  return crypto.hkdf('sha256', key, new Uint8Array(0), context, length);
}

/** The seed of the Ed25519 key of this context. */
export function deriveSeed(crypto: Crypto, policy: Policy, version: KeyVersion, context: Uint8Array): Uint8Array {
  const seed = deriveKey(crypto, policy, version, context, 32);
  // Upstream takes the 32 bytes of the older function for a whole private key.
  if (policy.kdf === 'hmac-sha256-counter') throw failure(`ed25519: bad private key length: ${seed.length}`);
  return seed;
}

/** A cipher's key, and behind it the key that convergent nonces come from. */
export function cipherKeys(
  crypto: Crypto,
  policy: Policy,
  version: KeyVersion,
  context: Uint8Array,
  size: number,
): { readonly key: Uint8Array; readonly nonceKey: Uint8Array } {
  const nonceBytes = policy.convergent ? 32 : 0;
  const derived = deriveKey(crypto, policy, version, context, size + nonceBytes);
  if (derived.length !== size + nonceBytes) throw failure('could not derive enc key, length not correct');
  return { key: derived.subarray(0, size), nonceKey: derived.subarray(size, size + nonceBytes) };
}
