/** Certificates (RFC 5280, section 4): read, with the extensions that are known decoded. */
import { equalBytes, noBytes } from '../../codec/bytes.ts';
import { context, TAG } from '../../codec/der.ts';
import { DerError, DerReader } from '../../codec/der-reader.ts';
import { decodePem, encodePem } from '../../codec/pem.ts';
import type { Crypto } from '../crypto.ts';
import { KeyError } from '../keys/key-error.ts';
import type { PublicKey } from '../keys/key.ts';
import { parseSpki } from '../keys/public-container.ts';
import { parseAlgorithm, verifyWith, type SignatureAlgorithm } from './algorithm.ts';
import { must, X509Error } from './error.ts';
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
import { hasNames, NO_NAMES, parseAlternativeNames, type AlternativeNames } from './general-name.ts';
import { parseWholeName, type DistinguishedName } from './name.ts';
import { EXTENSION } from './oids.ts';
import {
  parseInhibitAny,
  parsePolicyConstraints,
  parsePolicyMappings,
  type PolicyConstraints,
  type PolicyMapping,
} from './policies.ts';
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
  /** As encoded: 2 is version 3. */
  readonly version: number;
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
  readonly policyMappings: readonly PolicyMapping[];
  readonly policyConstraints: PolicyConstraints | undefined;
  readonly inhibitAnyPolicy: number | undefined;
  readonly authorityInfo: AuthorityInfo;
  readonly crlDistributionPoints: readonly string[];
  readonly nameConstraints: NameConstraints | undefined;
  /** Whether it must not be believed by who does not know all of it, as nobody does here. */
  readonly unhandledCritical: boolean;
}

const find = (extensions: readonly Extension[], oid: string): Uint8Array | undefined =>
  extensions.find((extension) => extension.oid === oid)?.value;

/** An AlgorithmIdentifier whose kind may be unknown, but not its form. Throws X509Error. */
function identified(whole: Uint8Array): SignatureAlgorithm | undefined {
  const parts = new DerReader(whole).sequence();
  must('malformed OID', () => parts.oid());
  must('malformed parameters', () => parts.atEnd || parts.any());
  return parseAlgorithm(whole);
}

/**
 * The signed part of a certificate or a revocation list, between its head and its signature: `readHead` reads what
 * stands before the algorithm. Throws X509Error in Go's order: what is wrong within is told before the signature's own
 * form.
 */
export function openSigned<Head>(bytes: Uint8Array, what: string, readHead: (inside: DerReader) => Head) {
  const outer = new DerReader(bytes);
  const parts = must(`malformed ${what}`, () => outer.sequence());
  const { tag, contents, whole } = must(`malformed tbs ${what}`, () => parts.any());
  if (tag !== TAG.sequence) throw new X509Error(`x509: malformed tbs ${what}`);
  const inside = new DerReader(contents);
  const head = readHead(inside);
  const inner = must('malformed signature algorithm identifier', () => sequenceOf(inside));
  const algorithm = must('malformed algorithm identifier', () => sequenceOf(parts));
  if (!equalBytes(inner, algorithm)) {
    throw new X509Error("x509: inner and outer signature algorithm identifiers don't match");
  }
  const identifier = identified(algorithm);
  return {
    head,
    inside,
    /** Whether something follows. */
    get trailing(): boolean {
      return !outer.atEnd;
    },
    signed: (): Signed => {
      const signature = must('malformed signature', () => parts.bits());
      return { signed: whole, algorithm: identifier, signature };
    },
  };
}

/** The whole element. */
export function sequenceOf(reader: DerReader): Uint8Array {
  const { tag, whole } = reader.any();
  if (tag !== TAG.sequence) throw new DerError('no sequence');
  return whole;
}

/** A negative one is told apart. */
function serialNumber(reader: DerReader): Uint8Array {
  return must('malformed serial number', () => {
    try {
      return reader.magnitude();
    } catch (error) {
      if (error instanceof DerError && error.message.endsWith('integer is negative')) {
        throw new X509Error('x509: negative serial number');
      }
      throw error;
    }
  });
}

/** Throws KeyError or X509Error. */
export function parseCertificate(bytes: Uint8Array): Certificate {
  const opened = openSigned(bytes, 'certificate', (reader) => {
    const version = must('malformed version', () => {
      const wrapped = reader.explicit(0);
      const number = wrapped?.integer() ?? 0;
      wrapped?.end();
      return number;
    });
    if (version > 2) throw new X509Error('x509: invalid version');
    return { version, serial: serialNumber(reader) };
  });
  const { head, inside } = opened;
  const { version, serial } = head;
  const rawIssuer = must('malformed issuer', () => sequenceOf(inside));
  const issuer = parseWholeName(rawIssuer);
  const validity = must('malformed validity', () => inside.sequence());
  const [notBefore, notAfter] = [readTime(validity), readTime(validity)];
  const rawSubject = must('malformed issuer', () => sequenceOf(inside));
  const subject = parseWholeName(rawSubject);
  const rawPublicKey = must('malformed spki', () => sequenceOf(inside));
  const publicKey = certifiedKey(rawPublicKey);
  if (version > 0) {
    must('malformed issuerUniqueID', () => inside.optional(context(1, false)));
    must('malformed subjectUniqueID', () => inside.optional(context(2, false)));
  }
  const extensions = version === 2 ? extensionsOf(inside) : [];
  const decoded = decodeExtensions(extensions);
  const signed = opened.signed();
  if (opened.trailing) throw new X509Error('x509: trailing data');
  return {
    ...signed,
    bytes,
    version,
    serial,
    issuer,
    subject,
    rawIssuer,
    rawSubject,
    notBefore,
    notAfter,
    publicKey,
    rawPublicKey,
    extensions,
    ...decoded,
  };
}

const NEVER_CRITICAL: ReadonlyMap<string, string> = new Map([
  [EXTENSION.subjectKeyId, 'subject key identifier'],
  [EXTENSION.authorityKeyId, 'authority key identifier'],
  [EXTENSION.authorityInfoAccess, 'authority info access'],
]);

function extensionsOf(inside: DerReader): Extension[] {
  const wrapped = must('malformed extensions', () => inside.explicit(3));
  const extensions = wrapped === undefined ? [] : parseExtensions(wrapped);
  const seen = new Set<string>();
  for (const { oid } of extensions) {
    if (seen.has(oid)) throw new X509Error(`x509: certificate contains duplicate extension with OID "${oid}"`);
    seen.add(oid);
  }
  for (const { oid, critical } of extensions) {
    const what = NEVER_CRITICAL.get(oid);
    if (critical && what !== undefined) throw new X509Error(`x509: ${what} incorrectly marked critical`);
  }
  return extensions;
}

/** Its form is the certificate's, its contents are the key's. */
function certifiedKey(spki: Uint8Array): PublicKey | undefined {
  const info = new DerReader(spki).sequence();
  identified(must('malformed public key algorithm identifier', () => sequenceOf(info)));
  must('malformed subjectPublicKey', () => info.bits());
  return knownKey(spki);
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

/** What Go knows besides names and constraints of names. */
const HANDLED: ReadonlySet<string> = new Set([
  EXTENSION.keyUsage,
  EXTENSION.extKeyUsage,
  EXTENSION.basicConstraints,
  EXTENSION.subjectKeyId,
  EXTENSION.authorityKeyId,
  EXTENSION.certificatePolicies,
  EXTENSION.policyMappings,
  EXTENSION.policyConstraints,
  EXTENSION.inhibitAnyPolicy,
  EXTENSION.authorityInfoAccess,
  EXTENSION.crlDistributionPoints,
]);

export function decodeExtensions(extensions: readonly Extension[]) {
  const decode = <T>(oid: string, parse: (value: Uint8Array) => T, what: string): T | undefined => {
    const value = find(extensions, oid);
    return value === undefined ? undefined : must(`invalid ${what}`, () => parse(value));
  };
  const basicConstraints = decode(EXTENSION.basicConstraints, parseBasicConstraints, 'basic constraints');
  const names = decode(EXTENSION.subjectAltName, parseAlternativeNames, 'subject alternative names');
  const nameConstraints = decode(EXTENSION.nameConstraints, parseNameConstraints, 'NameConstraints extension');
  const handled = (oid: string): boolean => {
    if (oid === EXTENSION.subjectAltName) return names !== undefined && hasNames({ ...names, others: [] });
    if (oid !== EXTENSION.nameConstraints) return HANDLED.has(oid);
    return nameConstraints?.permitted.others !== true && nameConstraints?.excluded.others !== true;
  };
  return {
    keyUsage: decode(EXTENSION.keyUsage, parseKeyUsage, 'key usage'),
    extKeyUsage: decode(EXTENSION.extKeyUsage, parseOids, 'extended key usages') ?? [],
    basicConstraints,
    isCa: basicConstraints?.isCa === true,
    subjectKeyId:
      decode(EXTENSION.subjectKeyId, (value) => new DerReader(value).octets(), 'subject key identifier') ?? noBytes,
    authorityKeyId: decode(EXTENSION.authorityKeyId, parseAuthorityKeyId, 'authority key identifier') ?? noBytes,
    names: names ?? NO_NAMES,
    policies: decode(EXTENSION.certificatePolicies, parsePolicies, 'certificate policies') ?? [],
    policyMappings: decode(EXTENSION.policyMappings, parsePolicyMappings, 'policy mappings extension') ?? [],
    policyConstraints: decode(EXTENSION.policyConstraints, parsePolicyConstraints, 'policy constraints extension'),
    inhibitAnyPolicy: decode(EXTENSION.inhibitAnyPolicy, parseInhibitAny, 'inhibit any policy extension'),
    authorityInfo: decode(EXTENSION.authorityInfoAccess, parseAuthorityInfo, 'authority info access') ?? {
      ocsp: [],
      caIssuers: [],
    },
    crlDistributionPoints:
      decode(EXTENSION.crlDistributionPoints, parseDistributionPoints, 'CRL distribution points') ?? [],
    nameConstraints,
    unhandledCritical: extensions.some(({ oid, critical }) => critical && !handled(oid)),
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
