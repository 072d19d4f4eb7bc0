/** What transit has to know of certificates and their requests (RFC 5280, RFC 2986). */
import { context, der, element, TAG } from '../../codec/der.ts';
import { DerReader } from '../../codec/der-reader.ts';
import { decodePem, encodePem } from '../../codec/pem.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { publicKeyOf, type PrivateKey, type PublicKey } from '../../crypto/keys/key.ts';
import { parseSpki, toSpki } from '../../crypto/keys/public-container.ts';
import { signMessage } from '../../crypto/keys/sign.ts';
import type { HashName } from '../../crypto/crypto.ts';

export interface Certificate {
  readonly bytes: Uint8Array;
  readonly publicKey: PublicKey;
  /** Basic constraints say so. */
  readonly isCa: boolean;
}

const BASIC_CONSTRAINTS = '2.5.29.19';

/** Throws DerError or KeyError. */
export function parseCertificate(bytes: Uint8Array): Certificate {
  const outer = new DerReader(bytes);
  const tbs = outer.sequence().sequence();
  outer.end();
  tbs.explicit(0);
  tbs.magnitude();
  for (let skipped = 0; skipped < 4; skipped++) tbs.sequence();
  const publicKey = parseSpki(tbs.any().whole);
  while (!tbs.atEnd && tbs.peek() !== context(3, true)) tbs.any();
  return { bytes, publicKey, isCa: isCa(tbs.explicit(3)) };
}

function isCa(extensions: DerReader | undefined): boolean {
  if (extensions === undefined) return false;
  for (const list = extensions.sequence(); !list.atEnd;) {
    const extension = list.sequence();
    const oid = extension.oid();
    extension.optional(TAG.boolean);
    const value = extension.octets();
    if (oid !== BASIC_CONSTRAINTS) continue;
    const constraints = new DerReader(value).sequence();
    return constraints.peek() === TAG.boolean && constraints.boolean();
  }
  return false;
}

/** The parts of a request that its key does not decide, as they were encoded. */
export interface RequestTemplate {
  readonly subject: Uint8Array;
  /** The contents of [0] attributes. */
  readonly attributes: Uint8Array;
}

export const EMPTY_REQUEST: RequestTemplate = { subject: der.sequence(), attributes: new Uint8Array(0) };

/** Undefined when it is no PEM. Throws DerError. */
export function parseRequest(pem: string): RequestTemplate | undefined {
  const found = decodePem(pem);
  if (found === undefined) return undefined;
  const outer = new DerReader(found.block.bytes);
  const info = outer.sequence().sequence();
  outer.end();
  info.integer();
  const subject = info.any().whole;
  info.sequence();
  return { subject, attributes: info.optional(context(0, true)) ?? new Uint8Array(0) };
}

interface SignatureAlgorithm {
  readonly oid: string;
  readonly hash?: HashName;
}

const ECDSA: Readonly<Record<string, SignatureAlgorithm>> = {
  p224: { oid: '1.2.840.10045.4.3.2', hash: 'sha256' },
  p256: { oid: '1.2.840.10045.4.3.2', hash: 'sha256' },
  p384: { oid: '1.2.840.10045.4.3.3', hash: 'sha384' },
  p521: { oid: '1.2.840.10045.4.3.4', hash: 'sha512' },
};

/** What Go signs with unless told otherwise. */
function algorithmOf(key: PrivateKey): { algorithm: SignatureAlgorithm; identifier: Uint8Array } {
  if (key.kind === 'rsa') {
    const algorithm = { oid: '1.2.840.113549.1.1.11', hash: 'sha256' } as const;
    return { algorithm, identifier: der.sequence(der.oid(algorithm.oid), der.null()) };
  }
  const algorithm = key.kind === 'ecdsa' ? ECDSA[key.key.curve]! : { oid: '1.3.101.112' };
  return { algorithm, identifier: der.sequence(der.oid(algorithm.oid)) };
}

/** PEM with a line break at the end. */
export function makeRequest(crypto: Crypto, key: PrivateKey, { subject, attributes }: RequestTemplate): string {
  const info = der.sequence(
    der.integer(0),
    subject,
    toSpki(publicKeyOf(crypto, key)),
    element(context(0, true), attributes),
  );
  const { algorithm, identifier } = algorithmOf(key);
  const { hash } = algorithm;
  const signature = signMessage(crypto, key, info, hash === undefined ? {} : { hash });
  return encodePem('CERTIFICATE REQUEST', der.sequence(info, identifier, der.bits(signature)));
}
