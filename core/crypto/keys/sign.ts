/** Signing and verifying with a key of any kind. */
import { assert } from '../../assert.ts';
import type { Crypto, HashName } from '../crypto.ts';
import { pssSign, pssVerify } from '../rsa-schemes.ts';
import { ecdsaSignatureFromDer, ecdsaSignatureToDer } from './ecdsa-signature.ts';
import type { PrivateKey, PublicKey } from './key.ts';

export interface Signing {
  /** Of the message, for RSA and ECDSA; the other kinds hash by themselves. */
  readonly hash?: HashName;
  /** RSA only: PSS with this salt. PKCS#1 v1.5 without it. */
  readonly pssSalt?: Uint8Array;
  /** ECDSA only: what goes into the nonce. */
  readonly entropy?: Uint8Array;
}

export interface Verifying {
  readonly hash?: HashName;
  /** RSA only: PSS with a salt of so many bytes, 'auto' for any. PKCS#1 v1.5 without it. */
  readonly pss?: number | 'auto';
}

function hashed(crypto: Crypto, hash: HashName | undefined, message: Uint8Array): Uint8Array {
  assert(hash !== undefined, 'RSA and ECDSA sign the hash of a message');
  return crypto.hash(hash, message);
}

/** ECDSA signatures are DER (RFC 3279, section 2.2.3). The key is long enough for hash and salt. */
export function signMessage(crypto: Crypto, key: PrivateKey, message: Uint8Array, signing: Signing = {}): Uint8Array {
  if (key.kind === 'ed25519') return crypto.ed25519Sign(key.seed, message);
  if (key.kind === 'mldsa') return crypto.mlDsa.sign(key.level, key.seed, message);
  return signDigest(crypto, key, hashed(crypto, signing.hash, message), signing);
}

/** As `signMessage`, for a message that was hashed already. */
export function signDigest(
  crypto: Crypto,
  key: PrivateKey & { readonly kind: 'rsa' | 'ecdsa' },
  digest: Uint8Array,
  { hash, pssSalt, entropy }: Signing,
): Uint8Array {
  if (key.kind === 'ecdsa') return ecdsaSignatureToDer(crypto.ecdsaSign(key.key, digest, entropy));
  assert(hash !== undefined, 'an RSA signature names its hash');
  if (pssSalt === undefined) return crypto.rsaSign(key.key, hash, digest);
  const signature = pssSign(crypto, key.key, hash, digest, pssSalt);
  assert(signature !== undefined, 'the RSA key is long enough for hash and salt');
  return signature;
}

/** False for anything malformed. */
export function verifyMessage(
  crypto: Crypto,
  key: PublicKey,
  message: Uint8Array,
  signature: Uint8Array,
  verifying: Verifying = {},
): boolean {
  if (key.kind === 'ed25519') return crypto.ed25519Verify(key.bytes, message, signature);
  if (key.kind === 'mldsa') return crypto.mlDsa.verify(key.level, key.bytes, message, signature);
  if (key.kind === 'rsa')
    return verifyDigest(crypto, key, hashed(crypto, verifying.hash, message), signature, verifying);
  assert(verifying.hash !== undefined, 'ECDSA signs the hash of a message');
  const raw = ecdsaSignatureFromDer(signature, key.curve);
  return raw !== undefined && crypto.ecdsaVerifyMessage(key.curve, key.point, verifying.hash, message, raw);
}

/** As `verifyMessage`, for a message that was hashed already. */
export function verifyDigest(
  crypto: Crypto,
  key: PublicKey & { readonly kind: 'rsa' | 'ecdsa' },
  digest: Uint8Array,
  signature: Uint8Array,
  { hash, pss }: Verifying,
): boolean {
  if (key.kind === 'ecdsa') {
    const raw = ecdsaSignatureFromDer(signature, key.curve);
    return raw !== undefined && crypto.ecdsaVerify(key.curve, key.point, digest, raw);
  }
  assert(hash !== undefined, 'an RSA signature names its hash');
  if (pss === undefined) return crypto.rsaVerify(key.key, hash, digest, signature);
  return pssVerify(crypto, key.key, hash, digest, signature, pss);
}
