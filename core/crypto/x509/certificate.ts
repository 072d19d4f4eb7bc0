/** Certificates (RFC 5280, section 4): read, with the extensions that are known decoded. */
import { noBytes } from '../../codec/bytes.ts';
import { context, TAG } from '../../codec/der.ts';
import { DerReader } from '../../codec/der-reader.ts';
import { decodePem, encodePem } from '../../codec/pem.ts';
import type { Crypto } from '../crypto.ts';
import { KeyError } from '../keys/key-error.ts';
import type { PublicKey } from '../keys/key.ts';
import { parseSpki } from '../keys/public-container.ts';
import { parseAlgorithm, verifyWith, type SignatureAlgorithm } from './algorithm.ts';
import { X509Error } from './error.ts';
import {
  parseAuthorityInfo,
  parseAuthorityKeyId,
  parseBasicConstraints,
  parseDistributionPoints,
  parseExtensions,
  parseKeyUsage,
  parseNameConstraints,
  parseOids,
  parsePolicies,
  type AuthorityInfo,
  type BasicConstraints,
  type Extension,
  type NameConstraints,
} from './extension.ts';
import { NO_NAMES, parseAlternativeNames, type AlternativeNames } from './general-name.ts';
import { parseWholeName, type DistinguishedName } from './name.ts';
import { EXTENSION } from './oids.ts';
import { readTime } from './time.ts';

/** What is signed, and by what. */
export interface Signed {
  readonly signed: Uint8Array;
  /** Undefined: one that is not known here. */
  readonly algorithm: SignatureAlgorithm | undefined;
  readonly signature: Uint8Array;
}

export interface Certificate extends Signed {
  /** DER, whole. */
  readonly bytes: Uint8Array;
  /** Big-endian magnitude without leading zeros. */
  readonly serial: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** As encoded: names are compared by their bytes. */
  readonly rawIssuer: Uint8Array;
  readonly rawSubject: Uint8Array;
  /** Unix seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Undefined: of a kind that is not known here. */
  readonly publicKey: PublicKey | undefined;
  readonly rawPublicKey: Uint8Array;
  readonly extensions: readonly Extension[];
  /** Bits of KEY_USAGE; absent: any. */
  readonly keyUsage: number | undefined;
  readonly extKeyUsage: readonly string[];
  readonly basicConstraints: BasicConstraints | undefined;
  readonly isCa: boolean;
  /** Empty where there is none. */
  readonly subjectKeyId: Uint8Array;
  readonly authorityKeyId: Uint8Array;
  readonly names: AlternativeNames;
  readonly policies: readonly string[];
  readonly authorityInfo: AuthorityInfo;
  readonly crlDistributionPoints: readonly string[];
  readonly nameConstraints: NameConstraints | undefined;
}

/** SEQUENCE { signed, algorithm, signature }. Throws DerError. */
export function parseSigned(bytes: Uint8Array): Signed & { readonly inside: DerReader } {
  const outer = new DerReader(bytes);
  const parts = outer.sequence();
  outer.end();
  const signed = parts.any();
  if (signed.tag !== TAG.sequence) throw new X509Error('x509: malformed tbs certificate');
  const algorithm = parseAlgorithm(parts.any().whole);
  const signature = parts.bits();
  parts.end();
  return { signed: signed.whole, algorithm, signature, inside: new DerReader(signed.contents) };
}

const find = (extensions: readonly Extension[], oid: string): Uint8Array | undefined =>
  extensions.find((extension) => extension.oid === oid)?.value;

/** Throws DerError, KeyError or X509Error. */
export function parseCertificate(bytes: Uint8Array): Certificate {
  const { inside, ...signature } = parseSigned(bytes);
  inside.explicit(0);
  const serial = inside.magnitude();
  inside.sequence();
  const rawIssuer = inside.any().whole;
  const validity = inside.sequence();
  const [notBefore, notAfter] = [readTime(validity), readTime(validity)];
  const rawSubject = inside.any().whole;
  const rawPublicKey = inside.any().whole;
  while (!inside.atEnd && inside.peek() !== context(3, true)) inside.any();
  const wrapped = inside.explicit(3);
  const extensions = wrapped === undefined ? [] : parseExtensions(wrapped);
  if (new Set(extensions.map(({ oid }) => oid)).size < extensions.length) {
    throw new X509Error('x509: certificate contains duplicate extensions');
  }
  return {
    ...signature,
    bytes,
    serial,
    issuer: parseWholeName(rawIssuer),
    subject: parseWholeName(rawSubject),
    rawIssuer,
    rawSubject,
    notBefore,
    notAfter,
    publicKey: knownKey(rawPublicKey),
    rawPublicKey,
    extensions,
    ...decodeExtensions(extensions),
  };
}

/** A key of an unknown kind is no reason to refuse a certificate. */
export function knownKey(spki: Uint8Array): PublicKey | undefined {
  try {
    return parseSpki(spki);
  } catch (error) {
    if (error instanceof KeyError && /unknown|unsupported/.test(error.message)) return undefined;
    throw error;
  }
}

export function decodeExtensions(extensions: readonly Extension[]) {
  const decode = <T>(oid: string, parse: (value: Uint8Array) => T): T | undefined => {
    const value = find(extensions, oid);
    return value === undefined ? undefined : parse(value);
  };
  const basicConstraints = decode(EXTENSION.basicConstraints, parseBasicConstraints);
  return {
    keyUsage: decode(EXTENSION.keyUsage, parseKeyUsage),
    extKeyUsage: decode(EXTENSION.extKeyUsage, parseOids) ?? [],
    basicConstraints,
    isCa: basicConstraints?.isCa === true,
    subjectKeyId: decode(EXTENSION.subjectKeyId, (value) => new DerReader(value).octets()) ?? noBytes,
    authorityKeyId: decode(EXTENSION.authorityKeyId, parseAuthorityKeyId) ?? noBytes,
    names: decode(EXTENSION.subjectAltName, parseAlternativeNames) ?? NO_NAMES,
    policies: decode(EXTENSION.certificatePolicies, parsePolicies) ?? [],
    authorityInfo: decode(EXTENSION.authorityInfoAccess, parseAuthorityInfo) ?? { ocsp: [], caIssuers: [] },
    crlDistributionPoints: decode(EXTENSION.crlDistributionPoints, parseDistributionPoints) ?? [],
    nameConstraints: decode(EXTENSION.nameConstraints, parseNameConstraints),
  };
}

/** PEM with a line break at the end. */
export const certificatePem = (bytes: Uint8Array): string => encodePem('CERTIFICATE', bytes);

/** The first block of the text, or undefined when that is no certificate. Throws as `parseCertificate`. */
export function parseCertificatePem(text: string): Certificate | undefined {
  const found = decodePem(text);
  return found === undefined ? undefined : parseCertificate(found.block.bytes);
}

/** Whether this key made the signature. */
export const isSignedBy = (crypto: Crypto, { signed, algorithm, signature }: Signed, key: PublicKey): boolean =>
  verifyWith(crypto, key, algorithm, signed, signature);
