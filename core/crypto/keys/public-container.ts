/** Public keys as DER: SubjectPublicKeyInfo (RFC 5280, section 4.1) and PKCS#1 (RFC 8017, appendix A.1.1). */
import { der, TAG } from '../../codec/der.ts';
import { DerError, DerReader } from '../../codec/der-reader.ts';
import { curveSize, isPoint } from '../ecdsa.ts';
import type { EcdsaKey, RsaPublicKey } from '../crypto.ts';
import { KeyError } from './key-error.ts';
import type { PublicKey } from './key.ts';
import { CURVE_OIDS, curveOf, ML_DSA_OIDS, mlDsaLevelOf, OID } from './oids.ts';

export const toPkcs1Public = ({ modulus, exponent }: RsaPublicKey): Uint8Array =>
  der.sequence(der.integer(modulus), der.integer(exponent));

/** Throws DerError or KeyError. */
export function parsePkcs1Public(bytes: Uint8Array): RsaPublicKey {
  const outer = new DerReader(bytes);
  const numbers = outer.sequence();
  outer.end();
  const key = { modulus: numbers.magnitude(), exponent: numbers.integer() };
  numbers.end();
  return positive(key);
}

function positive(key: RsaPublicKey): RsaPublicKey {
  if (key.modulus.length === 0) throw new KeyError('x509: RSA modulus is not a positive number');
  if (key.exponent === 0) throw new KeyError('x509: RSA public exponent is not a positive number');
  return key;
}

/** SubjectPublicKeyInfo. */
export function toSpki(key: PublicKey): Uint8Array {
  switch (key.kind) {
    case 'rsa':
      return der.sequence(der.sequence(der.oid(OID.rsa), der.null()), der.bits(toPkcs1Public(key.key)));
    case 'ecdsa':
      return der.sequence(der.sequence(der.oid(OID.ec), der.oid(CURVE_OIDS[key.curve])), der.bits(key.point));
    case 'ed25519':
      return der.sequence(der.sequence(der.oid(OID.ed25519)), der.bits(key.bytes));
    case 'mldsa':
      return der.sequence(der.sequence(der.oid(ML_DSA_OIDS[key.level])), der.bits(key.bytes));
  }
}

/** Throws DerError or KeyError. */
export function parseSpki(bytes: Uint8Array): PublicKey {
  const outer = new DerReader(bytes);
  const info = outer.sequence();
  outer.end();
  const algorithm = info.sequence();
  const oid = algorithm.oid();
  // What comes behind it in the sequence counts for nothing, as in Go.
  const material = info.bits();
  if (oid === OID.rsa) return { kind: 'rsa', key: rsaIn(algorithm, material) };
  if (oid === OID.ec) return parsePoint(algorithm, material);
  if (oid === OID.ed25519) {
    if (!algorithm.atEnd) throw new KeyError('x509: Ed25519 key encoded with illegal parameters');
    if (material.length !== 32) throw new KeyError('x509: wrong Ed25519 public key size');
    return { kind: 'ed25519', bytes: material };
  }
  const level = mlDsaLevelOf(oid);
  if (level === undefined) throw new KeyError('x509: unknown public key algorithm');
  return { kind: 'mldsa', level, bytes: material };
}

/** What `read` gives, or a KeyError that says so. */
function must<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof DerError ? new KeyError(`x509: ${what}`) : error;
  }
}

function rsaIn(algorithm: DerReader, material: Uint8Array): RsaPublicKey {
  const parameters = algorithm.atEnd ? undefined : algorithm.any();
  if (parameters?.tag !== TAG.null || parameters.contents.length > 0) {
    throw new KeyError('x509: RSA key missing NULL parameters');
  }
  const numbers = must('invalid RSA public key', () => new DerReader(material).sequence());
  const modulus = must('invalid RSA modulus', () => numbers.magnitude());
  return positive({ modulus, exponent: must('invalid RSA public exponent', () => numbers.integer()) });
}

function parsePoint(algorithm: DerReader, point: Uint8Array): PublicKey {
  const curve: EcdsaKey['curve'] | undefined = curveOf(must('invalid ECDSA parameters', () => algorithm.oid()));
  if (curve === undefined) throw new KeyError('x509: unsupported elliptic curve');
  if (point.length !== 1 + 2 * curveSize[curve] || point[0] !== 4) {
    throw new KeyError('ecdsa: invalid uncompressed public key');
  }
  if (!isPoint(curve, point)) throw new KeyError(`${curve.toUpperCase()} point not on curve`);
  return { kind: 'ecdsa', curve, point };
}
