/** Certificate signing requests (PKCS#10, RFC 2986). */
import { context, der, element, TAG } from '../../codec/der.ts';
import { DerError, DerReader, type DerElement } from '../../codec/der-reader.ts';
import { encodePem } from '../../codec/pem.ts';
import type { Crypto } from '../crypto.ts';
import type { PublicKey } from '../keys/key.ts';
import { publicKeyOf } from '../keys/key.ts';
import { toSpki } from '../keys/public-container.ts';
import { encodeAlgorithm, parseAlgorithm, signWith } from './algorithm.ts';
import { decodeExtensions, knownKey, type Signed } from './certificate.ts';
import { unlessMalformed, X509Error } from './error.ts';
import { encodeExtensions, type Extension } from './extension.ts';
import type { AlternativeNames } from './general-name.ts';
import type { Signer } from './make-certificate.ts';
import { parseWholeName, type DistinguishedName } from './name.ts';
import { EXTENSION, EXTENSION_REQUEST } from './oids.ts';

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
  const rawAttributes = inside.read(context(0, true));
  const extensions = requestedExtensions(rawAttributes);
  const isNames = ({ oid }: Extension): boolean => oid === EXTENSION.subjectAltName;
  const { names } = decodeExtensions(extensions.filter(isNames));
  // What the others hold is read only by who wants to know it.
  const others = extensions.filter((one) => !isNames(one));
  const { keyUsage, extKeyUsage, isCa, subjectKeyId } =
    unlessMalformed(() => decodeExtensions(others)) ?? decodeExtensions([]);
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

/** The elements of a list. Throws DerError. */
function elementsOf(bytes: Uint8Array): DerElement[] {
  const list = new DerReader(bytes);
  const found: DerElement[] = [];
  while (!list.atEnd) found.push(list.any());
  return found;
}

/** The values of an attribute that asks for extensions; undefined for another one, or for what is none. */
function askedIn(attribute: DerElement): Uint8Array | undefined {
  return unlessMalformed(() => {
    if (attribute.tag !== TAG.sequence) return undefined;
    const parts = new DerReader(attribute.contents);
    const isRequest = parts.oid() === EXTENSION_REQUEST;
    const [first] = elementsOf(parts.read(TAG.set));
    return isRequest ? first?.whole : undefined;
  });
}

/** Attributes that cannot be read are passed over, as Go does. Throws DerError or X509Error. */
function requestedExtensions(attributes: Uint8Array): Extension[] {
  const extensions: Extension[] = [];
  for (const attribute of elementsOf(attributes)) {
    const asked = askedIn(attribute);
    if (asked === undefined) continue;
    for (const one of elementsOf(new DerReader(asked).read(TAG.sequence))) {
      if (one.tag !== TAG.sequence) throw new DerError(`asn1: structure error: tags don't match (48 vs ${one.tag})`);
      const parts = new DerReader(one.contents);
      const oid = parts.oid();
      if (extensions.some((other) => other.oid === oid)) {
        throw new X509Error('x509: certificate request contains duplicate requested extensions');
      }
      const critical = parts.peek() === TAG.boolean && parts.boolean();
      extensions.push({ oid, critical, value: parts.octets() });
    }
  }
  return extensions;
}

/** Attributes as Go writes them again: of each extension the first two parts, without those that it cannot read. */
export function rewrittenAttributes(attributes: Uint8Array): Uint8Array[] {
  return elementsOf(attributes).flatMap((attribute) => unlessMalformed(() => [rewritten(attribute)]) ?? []);
}

function rewritten({ whole }: DerElement): Uint8Array {
  const parts = new DerReader(whole).sequence();
  const oid = der.oid(parts.oid());
  const values = elementsOf(parts.read(TAG.set)).map((value) => {
    const pairs = elementsOf(new DerReader(value.whole).read(TAG.sequence)).map((pair) => {
      const two = new DerReader(pair.whole).sequence();
      return der.sequence(der.oid(two.oid()), two.any().whole);
    });
    return der.sequence(...pairs);
  });
  return der.sequence(oid, element(TAG.set, ...values));
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
