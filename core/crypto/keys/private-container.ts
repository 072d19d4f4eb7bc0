/**
 * Private keys as DER: PKCS#8 (RFC 5208 and, for ML-DSA, 9881), PKCS#1 (RFC 8017, appendix A.1.2) and SEC 1
 * (RFC 5915); byte for byte as Go's crypto/x509 writes them.
 */
import { context, der, TAG } from '../../codec/der.ts';
import { DerError, DerReader } from '../../codec/der-reader.ts';
import { concatBytes, equalBytes, withoutLeadingZeros } from '../../codec/bytes.ts';
import type { Crypto, EcdsaKey, RsaKey } from '../crypto.ts';
import { curveSize, isSecret } from '../ecdsa.ts';
import { rsaFromParts } from '../rsa.ts';
import { AgreementKeyError, KeyError } from './key-error.ts';
import type { PrivateKey } from './key.ts';
import { CURVE_OIDS, curveOf, ML_DSA_OIDS, mlDsaLevelOf, OID } from './oids.ts';

export const UNKNOWN_CURVE = 'x509: unknown elliptic curve';

export function toPkcs1({ modulus, exponent, d, p, q, dp, dq, qi }: RsaKey): Uint8Array {
  const numbers = [modulus, exponent, d, p, q, dp, dq, qi].map(der.integer);
  return der.sequence(der.integer(0), ...numbers);
}

/** Throws DerError or KeyError. */
export function parsePkcs1(bytes: Uint8Array): RsaKey {
  const outer = new DerReader(bytes);
  const numbers = outer.sequence();
  outer.end();
  if (numbers.whole() > 1n) throw new KeyError('x509: unsupported private key version');
  const modulus = numbers.magnitude();
  const exponent = numbers.integer();
  const [d, p, q] = [numbers.magnitude(), numbers.magnitude(), numbers.magnitude()];
  const [dp, dq, qi] = [numbers.magnitude(), numbers.magnitude(), numbers.magnitude()];
  const key = rsaFromParts(modulus, exponent, d, p, q);
  if (key === undefined) throw new KeyError('crypto/rsa: invalid private key');
  // Left out, they are made.
  const wrong = (given: Uint8Array, own: Uint8Array): boolean =>
    given.length > 0 && !equalBytes(given, withoutLeadingZeros(own));
  if (wrong(dp, key.dp) || wrong(dq, key.dq)) throw new KeyError('crypto/rsa: invalid CRT exponent');
  if (wrong(qi, key.qi)) throw new KeyError('crypto/rsa: invalid CRT coefficient');
  return key;
}

/** SEC 1. With the curve when it stands alone; inside PKCS#8 the algorithm says it. */
export function toSec1(crypto: Crypto, key: EcdsaKey, alone = true): Uint8Array {
  return der.sequence(
    der.integer(1),
    der.octets(key.secret),
    ...(alone ? [der.explicit(0, der.oid(CURVE_OIDS[key.curve]))] : []),
    der.explicit(1, der.bits(crypto.ecdsaPublic(key))),
  );
}

/** `outside` is the identifier that PKCS#8 has. Throws DerError or KeyError. */
export function parseSec1(bytes: Uint8Array, outside?: string): EcdsaKey {
  // Go does not look at what comes behind it.
  const parts = new DerReader(bytes).sequence();
  const version = parts.whole();
  if (version !== 1n) throw new KeyError(`x509: unknown EC private key version ${version}`);
  const secret = parts.octets();
  // Both may be left out, and to Go they are where something else is in their place.
  const [name, point] = [parts.explicitElement(0), parts.explicitElement(1)];
  const named = name?.peek() === TAG.oid ? name.oid() : undefined;
  if (point?.peek() === TAG.bits) point.bitString();
  const oid = outside ?? named;
  const curve = oid === undefined ? undefined : curveOf(oid);
  if (curve === undefined) throw new KeyError(UNKNOWN_CURVE);
  const size = curveSize[curve];
  const zeros = secret.length - size;
  if (zeros > 0 && secret.subarray(0, zeros).some((byte) => byte !== 0)) {
    throw new KeyError('x509: invalid private key length');
  }
  const padded = zeros > 0 ? secret.slice(zeros) : concatBytes(new Uint8Array(-zeros), secret);
  if (!isSecret(curve, padded)) throw new KeyError('x509: invalid elliptic curve private key value');
  return { curve, secret: padded };
}

function algorithmAndKey(crypto: Crypto, key: PrivateKey): [Uint8Array, Uint8Array] {
  switch (key.kind) {
    case 'rsa':
      return [der.sequence(der.oid(OID.rsa), der.null()), toPkcs1(key.key)];
    case 'ecdsa':
      return [der.sequence(der.oid(OID.ec), der.oid(CURVE_OIDS[key.key.curve])), toSec1(crypto, key.key, false)];
    case 'ed25519':
      return [der.sequence(der.oid(OID.ed25519)), der.octets(key.seed)];
    case 'mldsa':
      return [der.sequence(der.oid(ML_DSA_OIDS[key.level])), der.implicit(0, key.seed)];
  }
}

export function toPkcs8(crypto: Crypto, key: PrivateKey): Uint8Array {
  const [algorithm, material] = algorithmAndKey(crypto, key);
  return der.sequence(der.integer(0), algorithm, der.octets(material));
}

function unlessDerError<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

export type Container = 'EC' | 'PKCS1' | 'PKCS8';

/** Whose shape the bytes have, whatever they say in it. */
export function containerOf(bytes: Uint8Array): Container | undefined {
  return unlessDerError(() => {
    const parts = new DerReader(bytes).sequence();
    parts.whole();
    const next = parts.peek();
    if (next === TAG.octets) return 'EC';
    if (next === TAG.sequence) {
      parts.sequence().oid();
      parts.octets();
      return 'PKCS8';
    }
    for (let count = 0; count < 8; count += 1) parts.magnitude();
    return 'PKCS1';
  });
}

/** What Go says of a key that it looked for in this container. */
export function containerProblem(bytes: Uint8Array, container: Container, { message }: Error): string {
  const own = containerOf(bytes);
  if (own === container) {
    return container === 'PKCS8' && message === UNKNOWN_CURVE
      ? `x509: failed to parse EC private key embedded in PKCS#8: ${message}`
      : message;
  }
  if (own !== undefined) {
    return `x509: failed to parse private key (use Parse${own}PrivateKey instead for this key format)`;
  }
  return container === 'EC' ? `x509: failed to parse EC private key: ${message}` : message;
}

/** Throws DerError, KeyError or AgreementKeyError. */
export function parsePkcs8(bytes: Uint8Array): PrivateKey {
  const info = new DerReader(bytes).sequence();
  info.whole();
  const algorithm = info.sequence();
  const oid = algorithm.oid();
  const material = info.octets();
  if (oid === OID.rsa) return { kind: 'rsa', key: parsePkcs1(material) };
  // Parameters that are no identifier name no curve.
  if (oid === OID.ec)
    return {
      kind: 'ecdsa',
      key: parseSec1(
        material,
        unlessDerError(() => algorithm.oid()),
      ),
    };
  if (oid === OID.ed25519) {
    const seed = seedOf('Ed25519', algorithm, material);
    if (seed.length !== 32) throw new KeyError(`x509: invalid Ed25519 private key length: ${seed.length}`);
    return { kind: 'ed25519', seed };
  }
  if (oid === OID.x25519) {
    if (seedOf('X25519', algorithm, material).length !== 32)
      throw new KeyError('crypto/ecdh: invalid private key size');
    throw new AgreementKeyError();
  }
  const level = mlDsaLevelOf(oid);
  if (level !== undefined) return { kind: 'mldsa', level, seed: mlDsaSeed(material) };
  throw new KeyError(`x509: PKCS#8 wrapping contained private key with unknown algorithm: ${oid}`);
}

/** RFC 8410: parameters are none. */
function seedOf(name: string, algorithm: DerReader, material: Uint8Array): Uint8Array {
  if (!algorithm.atEnd) throw new KeyError(`x509: invalid ${name} private key parameters`);
  return new DerReader(material).octets();
}

/** The seed alone, or beside the expanded key; the expanded key alone has no seed to go back to. */
function mlDsaSeed(material: Uint8Array): Uint8Array {
  const reader = new DerReader(material);
  const seed = reader.optional(context(0, false)) ?? reader.sequence().octets();
  if (seed.length !== 32) throw new KeyError('x509: invalid ML-DSA private key');
  return seed;
}
