/** Signature algorithms of JSON Web Signatures (RFC 7518, section 3.1; RFC 8037). */
import { assert } from '../../assert.ts';
import { decodeBase64RawUrl } from '../../codec/base64.ts';
import type { Crypto, EcdsaKey, HashName } from '../crypto.ts';
import { verifyMessage } from '../keys/sign.ts';
import type { PublicKey } from '../keys/key.ts';
import type { KeySpec } from '../keys/make.ts';

interface Algorithm {
  readonly kind: 'rsa' | 'ecdsa' | 'ed25519';
  readonly hash: HashName;
  readonly curve?: EcdsaKey['curve'];
  readonly pss?: true;
}

const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map<string, Algorithm>([
  ['RS256', { kind: 'rsa', hash: 'sha256' }],
  ['RS384', { kind: 'rsa', hash: 'sha384' }],
  ['RS512', { kind: 'rsa', hash: 'sha512' }],
  ['ES256', { kind: 'ecdsa', hash: 'sha256', curve: 'p256' }],
  ['ES384', { kind: 'ecdsa', hash: 'sha384', curve: 'p384' }],
  ['ES512', { kind: 'ecdsa', hash: 'sha512', curve: 'p521' }],
  ['PS256', { kind: 'rsa', hash: 'sha256', pss: true }],
  ['PS384', { kind: 'rsa', hash: 'sha384', pss: true }],
  ['PS512', { kind: 'rsa', hash: 'sha512', pss: true }],
  ['EdDSA', { kind: 'ed25519', hash: 'sha512' }],
]);

/** In the order in which upstream's libraries list them. */
export const JWS_ALGORITHMS: readonly string[] = [...ALGORITHMS.keys()];

/** The hash of a signature, which at_hash and c_hash use too. */
export const jwsHash = (algorithm: string): HashName | undefined => ALGORITHMS.get(algorithm)?.hash;

/** What a key for the algorithm is made as. */
export function jwsKeySpec(algorithm: string): KeySpec {
  const known = ALGORITHMS.get(algorithm);
  assert(known !== undefined, `${algorithm} is an algorithm of signatures`);
  const { kind, curve } = known;
  if (kind === 'ecdsa') return { kind, curve: curve! };
  return kind === 'rsa' ? { kind, bits: 2048 } : { kind };
}

/** Whether the signature is of this key; false for any other algorithm, kind of key or curve. */
export function jwsVerifies(
  crypto: Crypto,
  key: PublicKey,
  algorithm: string,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const known = ALGORITHMS.get(algorithm);
  if (known === undefined || key.kind !== known.kind) return false;
  const { hash, curve, pss } = known;
  if (key.kind === 'ecdsa') {
    if (key.curve !== curve || signature.length !== key.point.length - 1) return false;
    return crypto.ecdsaVerifyMessage(curve, key.point, hash, message, signature);
  }
  // go-jose takes a salt of any length.
  return verifyMessage(crypto, key, message, signature, pss === undefined ? { hash } : { hash, pss: 'auto' });
}

/** As go-jose reads them: padding at the end is no fault. Throws Base64Error. */
export const decodePart = (text: string): Uint8Array => decodeBase64RawUrl(text.replace(/=+$/, ''));
