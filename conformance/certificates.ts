/**
 * What is inside certificates, requests and revocation lists, as text without what chance decides: keys, serial numbers
 * and points in time become lengths and shapes, so that two servers' can be held against each other.
 */
import { decodePem } from '../core/codec/pem.ts';
import { DerReader } from '../core/codec/der-reader.ts';
import { encodeHex } from '../core/codec/hex.ts';
import { formatTimestamp } from '../core/codec/rfc3339.ts';
import type { PublicKey } from '../core/crypto/keys/key.ts';
import { rsaBits } from '../core/crypto/rsa-schemes.ts';
import { algorithmText, type SignatureAlgorithm } from '../core/crypto/x509/algorithm.ts';
import { parseCertificate } from '../core/crypto/x509/certificate.ts';
import { unlessMalformed } from '../core/crypto/x509/error.ts';
import { parseAuthorityInfo, parseDistributionPoints, type Extension } from '../core/crypto/x509/extension.ts';
import { nameText } from '../core/crypto/x509/name.ts';
import { EXTENSION } from '../core/crypto/x509/oids.ts';
import { parseRequest } from '../core/crypto/x509/request.ts';
import { parseRevocationList } from '../core/crypto/x509/revocation-list.ts';

const DAY = 86_400;

/** Both ends are cut to seconds, one by one, and keys take their time: to ten seconds. */
const lifetime = (seconds: number): number => 10 * Math.round(seconds / 10);

/** Points that a client gave are whole days; all others are counted from now. */
const shownTime = (seconds: number, from: number): string =>
  seconds % DAY === 0 ? formatTimestamp(seconds, 0) : from % DAY === 0 ? 'now' : `+${lifetime(seconds - from)}s`;

const shownKey = (key: PublicKey | undefined): string => {
  if (key === undefined) return 'unknown key';
  if (key.kind === 'rsa') return `rsa-${rsaBits(key.key)}`;
  return key.kind === 'ecdsa' ? key.curve : key.kind === 'mldsa' ? `mldsa-${key.level}` : key.kind;
};

/** Identifiers of keys are chance; where they are, and how long, is not. */
const CHANCE: ReadonlySet<string> = new Set([EXTENSION.subjectKeyId, EXTENSION.authorityKeyId]);

/** Addresses may have ids in them. */
function shownValue({ oid, value }: Extension): string {
  if (CHANCE.has(oid)) return `${value.length} bytes`;
  if (oid === EXTENSION.crlDistributionPoints || oid === EXTENSION.freshestCrl) {
    return parseDistributionPoints(value).join(' ');
  }
  if (oid !== EXTENSION.authorityInfoAccess) return encodeHex(value);
  const { ocsp, caIssuers } = parseAuthorityInfo(value);
  return `ocsp ${ocsp.join(' ')} issuers ${caIssuers.join(' ')}`;
}

const shownExtension = (extension: Extension): string =>
  `${extension.oid}${extension.critical ? '!' : ''}=${shownValue(extension)}`;

const shownSignature = (algorithm: SignatureAlgorithm | undefined): string => algorithmText(algorithm);

function certificate(bytes: Uint8Array): string {
  const { subject, issuer, notBefore, notAfter, publicKey, algorithm, extensions } = parseCertificate(bytes);
  return [
    `subject ${nameText(subject)}`,
    `issuer ${nameText(issuer)}`,
    `from ${notBefore % DAY === 0 ? formatTimestamp(notBefore, 0) : 'now'}`,
    `until ${shownTime(notAfter, notBefore)}`,
    shownKey(publicKey),
    shownSignature(algorithm),
    ...extensions.map(shownExtension),
  ].join('; ');
}

function request(bytes: Uint8Array): string {
  const { subject, publicKey, algorithm, extensions } = parseRequest(bytes);
  return [
    `subject ${nameText(subject)}`,
    shownKey(publicKey),
    shownSignature(algorithm),
    ...extensions.map(shownExtension),
  ].join('; ');
}

function list(bytes: Uint8Array): string {
  const { issuer, number, thisUpdate, nextUpdate, revoked, algorithm, extensions } = parseRevocationList(bytes);
  return [
    `issuer ${nameText(issuer)}`,
    `number ${encodeHex(number)}`,
    `until ${nextUpdate === undefined ? 'ever' : shownTime(nextUpdate, thisUpdate)}`,
    `${revoked.length} revoked`,
    shownSignature(algorithm),
    ...extensions.map(shownExtension),
  ].join('; ');
}

const READERS: readonly ((bytes: Uint8Array) => string)[] = [certificate, request, list];

/** Undefined when the bytes are none of them. */
export function insideDer(bytes: Uint8Array): string | undefined {
  for (const read of READERS) {
    const shown = unlessMalformed(() => read(bytes));
    if (shown !== undefined) return shown;
  }
  return undefined;
}

/** The same of one PEM block. */
export function insidePem(pem: string): string | undefined {
  const found = decodePem(pem);
  return found === undefined ? undefined : insideDer(found.block.bytes);
}

/** The same of DER in base64; undefined as well when it is no DER. */
export function insideBase64(text: string): string | undefined {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return unlessMalformed(() => new DerReader(bytes).any()) === undefined ? undefined : insideDer(bytes);
}
