/** Certificate signing requests (PKCS#10, RFC 2986). */
import { context, der, element, TAG } from '../../codec/der.ts';
import { DerReader } from '../../codec/der-reader.ts';
import { encodePem } from '../../codec/pem.ts';
import type { Crypto } from '../crypto.ts';
import type { PublicKey } from '../keys/key.ts';
import { publicKeyOf } from '../keys/key.ts';
import { toSpki } from '../keys/public-container.ts';
import { encodeAlgorithm, parseAlgorithm, signWith } from './algorithm.ts';
import { decodeExtensions, knownKey, type Signed } from './certificate.ts';
import { X509Error } from './error.ts';
import { encodeExtensions, parseExtensions, type Extension } from './extension.ts';
import type { AlternativeNames } from './general-name.ts';
import type { Signer } from './make-certificate.ts';
import { parseWholeName, type DistinguishedName } from './name.ts';
import { EXTENSION_REQUEST } from './oids.ts';

export interface CertificateRequest extends Signed {
  /** DER, whole. */
  readonly bytes: Uint8Array;
  readonly subject: DistinguishedName;
  readonly rawSubject: Uint8Array;
  readonly publicKey: PublicKey | undefined;
  readonly rawPublicKey: Uint8Array;
  /** The contents of [0] attributes, as they were encoded. */
  readonly rawAttributes: Uint8Array;
  readonly extensions: readonly Extension[];
  readonly names: AlternativeNames;
  readonly keyUsage: number | undefined;
  readonly extKeyUsage: readonly string[];
  readonly isCa: boolean;
  readonly subjectKeyId: Uint8Array;
}

/** SEQUENCE { signed, algorithm, signature }. Throws DerError or X509Error. */
function parseSigned(bytes: Uint8Array): Signed & { readonly inside: DerReader } {
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

/** Throws DerError, KeyError or X509Error. */
export function parseRequest(bytes: Uint8Array): CertificateRequest {
  const { inside, ...signature } = parseSigned(bytes);
  inside.integer();
  const rawSubject = inside.any().whole;
  const rawPublicKey = inside.any().whole;
  const rawAttributes = inside.optional(context(0, true)) ?? new Uint8Array(0);
  const extensions = requestedExtensions(rawAttributes);
  const { names, keyUsage, extKeyUsage, isCa, subjectKeyId } = decodeExtensions(extensions);
  return {
    ...signature,
    bytes,
    subject: parseWholeName(rawSubject),
    rawSubject,
    publicKey: knownKey(rawPublicKey),
    rawPublicKey,
    rawAttributes,
    extensions,
    names,
    keyUsage,
    extKeyUsage,
    isCa,
    subjectKeyId,
  };
}

function requestedExtensions(attributes: Uint8Array): Extension[] {
  const list = new DerReader(attributes);
  const extensions: Extension[] = [];
  while (!list.atEnd) {
    const attribute = list.sequence();
    const isExtensions = attribute.oid() === EXTENSION_REQUEST;
    const values = attribute.any();
    if (isExtensions && values.tag === TAG.set) extensions.push(...parseExtensions(new DerReader(values.contents)));
  }
  return extensions;
}

export interface RequestTemplate {
  /** DER of the name. */
  readonly rawSubject: Uint8Array;
  readonly extensions: readonly Extension[];
  /** Whole attributes that stand in front of the extensions. */
  readonly attributes?: readonly Uint8Array[];
}

/** DER. `random` gives the salt of PSS. */
export async function makeRequest(
  crypto: Crypto,
  { rawSubject, extensions, attributes = [] }: RequestTemplate,
  { key, algorithm }: Signer,
  random: (length: number) => Uint8Array,
): Promise<Uint8Array> {
  const asked =
    extensions.length === 0 ? [] : [der.sequence(der.oid(EXTENSION_REQUEST), der.set(encodeExtensions(extensions)))];
  const content = der.sequence(
    der.integer(0),
    rawSubject,
    toSpki(publicKeyOf(crypto, key)),
    element(context(0, true), ...attributes, ...asked),
  );
  const signature = await signWith(crypto, key, algorithm, content, random);
  return der.sequence(content, encodeAlgorithm(algorithm), der.bits(signature));
}

/** PEM with a line break at the end. */
export const requestPem = (bytes: Uint8Array): string => encodePem('CERTIFICATE REQUEST', bytes);
