/**
 * ECDSA with the nonces of RFC 6979, whose points are node:crypto's: the bytes of `core/crypto/ecdsa.ts`, on P-256 in a
 * seventh of the time; on the other curves OpenSSL takes about as long as JavaScript. Node's own ECDSA draws its nonces;
 * but the point of a nonce is a public key, and the rest is arithmetic.
 */
import { createECDH, createHmac, createPublicKey, randomBytes, verify, type ECDH } from 'node:crypto';
import { mapHashToField } from '@noble/curves/abstract/modular.js';
import { bytesToNumberBE, createHmacDrbg } from '@noble/curves/utils.js';
import { assert } from '../core/assert.ts';
import { concatBytes, noBytes } from '../core/codec/bytes.ts';
import { digestSize, type Crypto, type EcdsaKey } from '../core/crypto/crypto.ts';
import { curveSize, scalarsOf } from '../core/crypto/ecdsa.ts';
import { toSpki } from '../core/crypto/keys/public-container.ts';
import { bufferOf, plain } from './bytes.ts';

const curves = {
  p224: { openssl: 'secp224r1', hash: 'sha224' },
  p256: { openssl: 'prime256v1', hash: 'sha256' },
  p384: { openssl: 'secp384r1', hash: 'sha384' },
  p521: { openssl: 'secp521r1', hash: 'sha512' },
} as const;

/** One a curve: making it costs as much as what it is for. */
const points: Partial<Record<EcdsaKey['curve'], ECDH>> = {};

/** Uncompressed point: 04 | x | y. */
export function ecdsaPublic({ curve, secret }: EcdsaKey): Uint8Array {
  const point = (points[curve] ??= createECDH(curves[curve].openssl));
  point.setPrivateKey(secret);
  return plain(point.getPublicKey());
}

/** r | s, each padded to the curve's size; the nonce's HMAC uses the curve's own hash. */
export function ecdsaSign({ curve, secret }: EcdsaKey, digest: Uint8Array, entropy: Uint8Array = noBytes): Uint8Array {
  const size = curveSize[curve];
  const { hash } = curves[curve];
  const scalars = scalarsOf(curve);
  /** The leftmost bits of it, as many as the order has (RFC 6979, 2.3.2). */
  const leftmost = (bytes: Uint8Array): bigint => {
    const surplus = bytes.length * 8 - scalars.BITS;
    const number = bytesToNumberBE(bytes);
    return surplus > 0 ? number >> BigInt(surplus) : number;
  };
  const message = scalars.create(leftmost(digest));
  const key = scalars.fromBytes(secret);
  assert(scalars.isValidNot0(key), 'a private key is a scalar of its curve');
  // The nonce is inverted blinded, so that the time which the inversion takes says nothing about it.
  const blind = scalars.fromBytes(mapHashToField(randomBytes(size + (size >> 1)), scalars.ORDER));

  const withNonce = (candidate: Uint8Array): Uint8Array | undefined => {
    const nonce = leftmost(candidate);
    if (!scalars.isValidNot0(nonce)) return undefined;
    const point = ecdsaPublic({ curve, secret: scalars.toBytes(nonce) });
    const r = scalars.create(bytesToNumberBE(point.subarray(1, 1 + size)));
    const inverse = scalars.inv(scalars.mul(blind, nonce));
    const s = scalars.mul(inverse, scalars.add(scalars.mul(blind, message), scalars.mul(scalars.mul(blind, key), r)));
    if (r === 0n || s === 0n) return undefined;
    return concatBytes(scalars.toBytes(r), scalars.toBytes(s));
  };
  const draw = createHmacDrbg<Uint8Array>(digestSize[hash], size, (hmacKey: Uint8Array, text: Uint8Array) =>
    plain(createHmac(hash, hmacKey).update(text).digest()),
  );
  return draw(concatBytes(scalars.toBytes(key), scalars.toBytes(message), entropy), withNonce);
}

/** OpenSSL hashes by itself; it cannot be given a digest. */
export const ecdsaVerifyMessage: Crypto['ecdsaVerifyMessage'] = (curve, point, hash, message, signature) => {
  try {
    const spki = bufferOf(toSpki({ kind: 'ecdsa', curve, point }));
    const key = createPublicKey({ format: 'der', type: 'spki', key: spki });
    return verify(hash, message, { key, dsaEncoding: 'ieee-p1363' }, signature);
  } catch {
    // A point off the curve is a wrong key, not an accident.
    return false;
  }
};
