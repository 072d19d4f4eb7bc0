/** OCSP (RFC 6960): requests read and written, responses made and read. */
import { concatBytes, equalBytes, noBytes } from '../../codec/bytes.ts';
import { context, der, TAG } from '../../codec/der.ts';
import { DerReader } from '../../codec/der-reader.ts';
import type { Crypto } from '../crypto.ts';
import { encodeAlgorithm, HASH_OIDS, hashOfOid, parseAlgorithm, signWith, type RsaHash } from './algorithm.ts';
import { parseCertificate, type Certificate, type Signed } from './certificate.ts';
import { unlessMalformed, X509Error } from './error.ts';
import { encodeExtensions, parseExtensions, type Extension } from './extension.ts';
import type { Signer } from './make-certificate.ts';
import { parseName } from './name.ts';
import { generalizedTime, readTime } from './time.ts';

/** Which certificate is asked about. */
export interface CertificateId {
  readonly hash: RsaHash;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  /** Big-endian magnitude. */
  readonly serial: Uint8Array;
  /** No certificate has such a number, but it can be asked about. */
  readonly negative?: true;
}

export interface OcspRequest {
  /** The first of them, as Go reads requests. */
  readonly id: CertificateId;
  /** More than one certificate was asked about. */
  readonly several: boolean;
  readonly nonce: Uint8Array | undefined;
}

const NONCE = '1.3.6.1.5.5.7.48.1.2';
const BASIC = '1.3.6.1.5.5.7.48.1.1';

/** The contents of an issuer's subjectPublicKey: what key identifiers hash. */
export function publicKeyBits(rawPublicKey: Uint8Array): Uint8Array {
  const info = new DerReader(rawPublicKey).sequence();
  info.sequence();
  return info.bits();
}

export const certificateId = (
  crypto: Crypto,
  hash: RsaHash,
  issuer: Certificate,
  serial: Uint8Array,
): CertificateId => ({
  hash,
  issuerNameHash: crypto.hash(hash, issuer.rawSubject),
  issuerKeyHash: crypto.hash(hash, publicKeyBits(issuer.rawPublicKey)),
  serial,
});

/** Whether this is the issuer of the certificate that is asked about. */
export function isIssuerOf(crypto: Crypto, issuer: Certificate, id: CertificateId): boolean {
  const own = certificateId(crypto, id.hash, issuer, id.serial);
  return equalBytes(own.issuerNameHash, id.issuerNameHash) && equalBytes(own.issuerKeyHash, id.issuerKeyHash);
}

const encodeId = ({ hash, issuerNameHash, issuerKeyHash, serial, negative }: CertificateId): Uint8Array =>
  der.sequence(
    der.sequence(der.oid(HASH_OIDS[hash]), der.null()),
    der.octets(issuerNameHash),
    der.octets(issuerKeyHash),
    negative ? der.negative(serial) : der.integer(serial),
  );

function parseId(parts: DerReader): CertificateId {
  const hash = hashOfOid(parts.sequence().oid());
  if (hash === undefined) throw new X509Error('OCSP request uses unknown hash function');
  const [issuerNameHash, issuerKeyHash, { magnitude, negative }] = [parts.octets(), parts.octets(), parts.signed()];
  return { hash, issuerNameHash, issuerKeyHash, serial: magnitude, ...(negative ? { negative } : {}) };
}

export function encodeOcspRequest(id: CertificateId, nonce?: Uint8Array): Uint8Array {
  const extensions =
    nonce === undefined
      ? []
      : [der.explicit(2, encodeExtensions([{ oid: NONCE, critical: false, value: der.octets(nonce) }]))];
  return der.sequence(der.sequence(der.sequence(der.sequence(encodeId(id))), ...extensions));
}

/** Throws DerError or X509Error. */
export function parseOcspRequest(bytes: Uint8Array): OcspRequest {
  const outer = new DerReader(bytes);
  const content = outer.sequence().sequence();
  outer.end();
  content.explicit(0)?.whole();
  // Who asks: Go wants a bare name there, so that the GeneralName of RFC 6960 is malformed.
  const requestor = content.explicit(1);
  if (requestor !== undefined) parseName(requestor);
  const list = content.sequence();
  if (list.atEnd) throw new X509Error('OCSP request contains no request body');
  const id = parseId(list.sequence().sequence());
  const several = !list.atEnd;
  // What else it asks for is optional: Go does not look at it.
  const nonce = unlessMalformed(() => nonceIn(content.explicit(2)));
  return { id, several, nonce };
}

const nonceIn = (extensions: DerReader | undefined): Uint8Array | undefined =>
  extensions && parseExtensions(extensions).find(({ oid }) => oid === NONCE)?.value;

/** Bare answers without a signature, as RFC 6960, section 4.2.1 numbers them. */
export const OCSP_ERROR = { malformed: 1, internal: 2, tryLater: 3, sigRequired: 5, unauthorized: 6 } as const;

export const ocspError = (status: number): Uint8Array => der.sequence(der.enumerated(status));

export type CertificateStatus =
  | { readonly kind: 'good' }
  /** Unix seconds; `reason` as in a revocation list. */
  | { readonly kind: 'revoked'; readonly at: number; readonly reason: number }
  | { readonly kind: 'unknown' };

export interface OcspAnswer {
  readonly id: CertificateId;
  readonly status: CertificateStatus;
  /** Unix seconds. */
  readonly producedAt: number;
  readonly thisUpdate: number;
  /** Absent: newer information is always there. */
  readonly nextUpdate: number | undefined;
}

function encodeStatus(status: CertificateStatus): Uint8Array {
  if (status.kind === 'good') return der.implicit(0, noBytes);
  if (status.kind === 'unknown') return der.implicit(2, noBytes);
  // 'unspecified' goes without saying (RFC 5280, section 5.3.1).
  const reason = status.reason === 0 ? noBytes : der.explicit(0, der.enumerated(status.reason));
  return der.implicit(1, concatBytes(generalizedTime(status.at), reason), true);
}

/** A signed answer, as Go's ocsp.CreateResponse writes it; `certificate` comes along when it signs for the issuer. */
export async function makeOcspResponse(
  crypto: Crypto,
  answer: OcspAnswer,
  responder: { readonly rawSubject: Uint8Array; readonly certificate?: Uint8Array },
  { key, algorithm }: Signer,
  random: (length: number) => Uint8Array,
): Promise<Uint8Array> {
  const { id, status, producedAt, thisUpdate, nextUpdate } = answer;
  const single = der.sequence(
    encodeId(id),
    encodeStatus(status),
    generalizedTime(thisUpdate),
    ...(nextUpdate === undefined ? [] : [der.explicit(0, generalizedTime(nextUpdate))]),
    der.explicit(1, der.sequence()),
  );
  const content = der.sequence(
    der.explicit(1, responder.rawSubject),
    generalizedTime(producedAt),
    der.sequence(single),
  );
  const { certificate } = responder;
  const basic = der.sequence(
    content,
    encodeAlgorithm(algorithm),
    der.bits(await signWith(crypto, key, algorithm, content, random)),
    ...(certificate === undefined ? [] : [der.explicit(0, der.sequence(certificate))]),
  );
  return der.sequence(der.enumerated(0), der.explicit(0, der.sequence(der.oid(BASIC), der.octets(basic))));
}

export interface OcspResponse extends Signed, OcspAnswer {
  /** Of who answers; raw name or key hash, one of them. */
  readonly certificates: readonly Certificate[];
  readonly extensions: readonly Extension[];
}

/** An error's number instead of an answer. Throws DerError, KeyError or X509Error. */
export function parseOcspResponse(bytes: Uint8Array): OcspResponse | number {
  const outer = new DerReader(bytes);
  const parts = outer.sequence();
  outer.end();
  const status = parts.read(TAG.enumerated)[0] ?? 0;
  const wrapped = parts.explicit(0);
  if (wrapped === undefined) return status;
  const body = wrapped.sequence();
  if (body.oid() !== BASIC) throw new X509Error('bad OCSP response type');
  const basic = new DerReader(body.octets()).sequence();
  const content = basic.any();
  const algorithm = parseAlgorithm(basic.any().whole);
  const signature = basic.bits();
  const list = basic.explicit(0)?.sequence() ?? new DerReader(noBytes);
  const certificates: Certificate[] = [];
  while (!list.atEnd) certificates.push(parseCertificate(list.any().whole));
  return { signed: content.whole, algorithm, signature, certificates, ...parseContent(content.contents) };
}

function parseContent(contents: Uint8Array): OcspAnswer & { readonly extensions: readonly Extension[] } {
  const parts = new DerReader(contents);
  parts.explicit(0);
  parts.any();
  const producedAt = readTime(parts);
  const responses = parts.sequence();
  const single = responses.sequence();
  const id = parseId(single.sequence());
  const status = parseStatus(single);
  const thisUpdate = readTime(single);
  const next = single.explicit(0);
  const nextUpdate = next === undefined ? undefined : readTime(next);
  const wrapped = single.explicit(1);
  return {
    id,
    status,
    producedAt,
    thisUpdate,
    nextUpdate,
    extensions: wrapped === undefined ? [] : parseExtensions(wrapped),
  };
}

function parseStatus(reader: DerReader): CertificateStatus {
  const { tag, contents } = reader.any();
  if (tag === context(0, false)) return { kind: 'good' };
  if (tag !== context(1, true)) return { kind: 'unknown' };
  const info = new DerReader(contents);
  const at = readTime(info);
  const reason = info.explicit(0)?.read(TAG.enumerated)[0] ?? 0;
  return { kind: 'revoked', at, reason };
}
