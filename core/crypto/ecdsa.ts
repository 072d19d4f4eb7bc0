/**
 * ECDSA over the NIST curves with the nonces of RFC 6979, into which the caller's entropy goes: node:crypto draws its
 * own, so its signatures could never be replayed.
 */
import { ecdsa, weierstrass, type ECDSA } from '@noble/curves/abstract/weierstrass.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { sha224 } from '@noble/hashes/sha2.js';
import { noBytes } from '../codec/bytes.ts';
import type { EcdsaKey } from './crypto.ts';

type Curve = EcdsaKey['curve'];

/** FIPS 186-4, D.1.2.2: noble has no P-224. Made when it is first used. */
const makeP224 = (): ECDSA =>
  ecdsa(
    weierstrass({
      p: 0xffffffffffffffffffffffffffffffff000000000000000000000001n,
      n: 0xffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3dn,
      h: 1n,
      a: 0xfffffffffffffffffffffffffffffffefffffffffffffffffffffffen,
      b: 0xb4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4n,
      Gx: 0xb70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21n,
      Gy: 0xbd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34n,
    }),
    sha224,
  );

let p224: ECDSA | undefined;
const curveOf = (curve: Curve): ECDSA => (curve === 'p224' ? (p224 ??= makeP224()) : { p256, p384, p521 }[curve]);

/** The integers modulo the curve's order: what secrets, nonces and both parts of a signature are. */
export const scalarsOf = (curve: Curve): ECDSA['Point']['Fn'] => curveOf(curve).Point.Fn;

/** Bytes of a coordinate and of a secret. */
export const curveSize: Readonly<Record<Curve, number>> = { p224: 28, p256: 32, p384: 48, p521: 66 };
// Go neither prehashes here nor insists on a low s.
const raw = { prehash: false, lowS: false } as const;

/** Draws candidates until one is a valid scalar. */
export function ecdsaGenerate(curve: Curve, random: (length: number) => Uint8Array): EcdsaKey {
  for (;;) {
    const secret = random(curveSize[curve]).slice();
    if (curve === 'p521') secret[0]! &= 1;
    if (curveOf(curve).utils.isValidSecretKey(secret)) return { curve, secret };
  }
}

/** Uncompressed point: 04 | x | y. */
export function ecdsaPublic(key: EcdsaKey): Uint8Array {
  return curveOf(key.curve).getPublicKey(key.secret, false);
}

/** r | s, each padded to the curve's size; the nonce's HMAC uses the curve's own hash. */
export function ecdsaSign(key: EcdsaKey, digest: Uint8Array, entropy: Uint8Array = noBytes): Uint8Array {
  return curveOf(key.curve).sign(digest, key.secret, { ...raw, extraEntropy: entropy });
}

/** False for anything malformed. */
export function ecdsaVerify(curve: Curve, publicPoint: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 2 * curveSize[curve]) return false;
  try {
    return curveOf(curve).verify(signature, digest, publicPoint, raw);
  } catch {
    // A point off the curve is a wrong key, not an accident.
    return false;
  }
}

/** Whether the bytes (04 | x | y) are a point of the curve. */
export function isPoint(curve: Curve, point: Uint8Array): boolean {
  try {
    curveOf(curve).Point.fromBytes(point).assertValidity();
    return true;
  } catch {
    // Keys are input, not an invariant.
    return false;
  }
}

/** Whether the bytes, padded to the curve's size, are a private key of the curve. */
export const isSecret = (curve: Curve, secret: Uint8Array): boolean => curveOf(curve).utils.isValidSecretKey(secret);

/** Undefined when the point is not on the curve. */
export function ecdh(key: EcdsaKey, publicPoint: Uint8Array): Uint8Array | undefined {
  try {
    return curveOf(key.curve).getSharedSecret(key.secret, publicPoint, true).slice(1);
  } catch {
    // The other side's point is input, not an invariant.
    return undefined;
  }
}
