/** Certificates, written as Go's CreateCertificate writes them: same order, same string types, same defaults. */
import { der, element, context } from '../../codec/der.ts';
import type { Crypto } from '../crypto.ts';
import type { SigningKey, PublicKey } from '../keys/key.ts';
import { toSpki } from '../keys/public-container.ts';
import { encodeAlgorithm, signWith, type SignatureAlgorithm } from './algorithm.ts';
import {
  encodeAuthorityInfo,
  encodeAuthorityKeyId,
  encodeBasicConstraints,
  encodeDistributionPoints,
  encodeExtensions,
  encodeKeyUsage,
  encodeNameConstraints,
  encodeOids,
  encodePolicies,
  hasConstraints,
  type AuthorityInfo,
  type BasicConstraints,
  type Extension,
  type NameConstraints,
} from './extension.ts';
import { checkTexts, encodeAlternativeNames, hasNames, type AlternativeNames } from './general-name.ts';
import { EXTENSION } from './oids.ts';
import { derTime } from './time.ts';

export interface CertificateTemplate {
  /** Big-endian magnitude. */
  readonly serial: Uint8Array;
  /** DER of names. */
  readonly rawIssuer: Uint8Array;
  readonly rawSubject: Uint8Array;
  /** Unix seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: PublicKey;
  /** Bits; 0: no extension. */
  readonly keyUsage?: number;
  readonly extKeyUsage?: readonly string[];
  readonly basicConstraints?: BasicConstraints;
  readonly subjectKeyId?: Uint8Array;
  readonly authorityKeyId?: Uint8Array;
  readonly authorityInfo?: AuthorityInfo;
  readonly names?: AlternativeNames;
  readonly policies?: readonly string[];
  readonly nameConstraints?: NameConstraints & { readonly critical: boolean };
  readonly crlDistributionPoints?: readonly string[];
  /** Written last; one with the identifier of a field above takes that one's place. */
  readonly extra?: readonly Extension[];
}

export interface Signer {
  readonly key: SigningKey;
  readonly algorithm: SignatureAlgorithm;
}

type Random = (length: number) => Uint8Array;

/** SEQUENCE { content, algorithm, signature }: certificates, lists, requests. */
export async function signedDocument(
  crypto: Crypto,
  signer: Signer,
  content: Uint8Array,
  random: Random,
): Promise<Uint8Array> {
  const signature = await signWith(crypto, signer.key, signer.algorithm, content, random);
  return der.sequence(content, encodeAlgorithm(signer.algorithm), der.bits(signature));
}

/** DER. `random` gives the salt of PSS. */
export async function makeCertificate(
  crypto: Crypto,
  template: CertificateTemplate,
  signer: Signer,
  random: Random,
): Promise<Uint8Array> {
  if (template.names !== undefined) checkTexts(template.names);
  const extensions = extensionsOf(template);
  const content = der.sequence(
    der.explicit(0, der.integer(2)),
    der.integer(template.serial),
    encodeAlgorithm(signer.algorithm),
    template.rawIssuer,
    der.sequence(derTime(template.notBefore), derTime(template.notAfter)),
    template.rawSubject,
    toSpki(template.publicKey),
    ...(extensions.length === 0 ? [] : [element(context(3, true), encodeExtensions(extensions))]),
  );
  return signedDocument(crypto, signer, content, random);
}

const EMPTY_NAME_LENGTH = 2;

/**
 * Go knows no other names, so that alternative names with some are an extension of its own: one of `extra`. None where
 * there is no other name.
 */
export function othersExtension(names: AlternativeNames, rawSubject: Uint8Array): Extension[] {
  if (names.others.length === 0) return [];
  const critical = rawSubject.length === EMPTY_NAME_LENGTH;
  return [{ oid: EXTENSION.subjectAltName, critical, value: encodeAlternativeNames(names) }];
}

function extensionsOf(template: CertificateTemplate): Extension[] {
  const { extra = [] } = template;
  const extensions: Extension[] = [];
  const add = (oid: string, critical: boolean, value: Uint8Array): void => {
    if (!extra.some((one) => one.oid === oid)) extensions.push({ oid, critical, value });
  };
  const { keyUsage = 0, extKeyUsage = [], basicConstraints, subjectKeyId, authorityKeyId } = template;
  if (keyUsage !== 0) add(EXTENSION.keyUsage, true, encodeKeyUsage(keyUsage));
  if (extKeyUsage.length > 0) add(EXTENSION.extKeyUsage, false, encodeOids(extKeyUsage));
  if (basicConstraints !== undefined) {
    add(EXTENSION.basicConstraints, true, encodeBasicConstraints(basicConstraints));
  }
  if (subjectKeyId !== undefined && subjectKeyId.length > 0) {
    add(EXTENSION.subjectKeyId, false, der.octets(subjectKeyId));
  }
  if (authorityKeyId !== undefined && authorityKeyId.length > 0) {
    add(EXTENSION.authorityKeyId, false, encodeAuthorityKeyId(authorityKeyId));
  }
  addNames(template, add);
  return [...extensions, ...extra];
}

function addNames(template: CertificateTemplate, add: (oid: string, critical: boolean, value: Uint8Array) => void) {
  const { authorityInfo, names, policies = [], nameConstraints, crlDistributionPoints = [], rawSubject } = template;
  if (authorityInfo !== undefined && authorityInfo.ocsp.length + authorityInfo.caIssuers.length > 0) {
    add(EXTENSION.authorityInfoAccess, false, encodeAuthorityInfo(authorityInfo));
  }
  if (names !== undefined && hasNames(names)) {
    add(EXTENSION.subjectAltName, rawSubject.length === EMPTY_NAME_LENGTH, encodeAlternativeNames(names));
  }
  if (policies.length > 0) add(EXTENSION.certificatePolicies, false, encodePolicies(policies));
  if (nameConstraints !== undefined && hasConstraints(nameConstraints)) {
    add(EXTENSION.nameConstraints, nameConstraints.critical, encodeNameConstraints(nameConstraints));
  }
  if (crlDistributionPoints.length > 0) {
    add(EXTENSION.crlDistributionPoints, false, encodeDistributionPoints(crlDistributionPoints));
  }
}
