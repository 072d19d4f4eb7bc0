/** Revocation lists, whole and delta (RFC 5280, section 5). */
import { noBytes } from '../../codec/bytes.ts';
import { der, TAG } from '../../codec/der.ts';
import { DerReader } from '../../codec/der-reader.ts';
import { encodePem } from '../../codec/pem.ts';
import type { Crypto } from '../crypto.ts';
import { encodeAlgorithm } from './algorithm.ts';
import { parseSigned, type Signed } from './certificate.ts';
import {
  encodeAuthorityKeyId,
  encodeExtensions,
  parseAuthorityKeyId,
  parseExtensions,
  type Extension,
} from './extension.ts';
import { signedDocument, type Signer } from './make-certificate.ts';
import { parseWholeName, type DistinguishedName } from './name.ts';
import { EXTENSION } from './oids.ts';
import { derTime, readTime } from './time.ts';

export interface RevokedEntry {
  /** Big-endian magnitude. */
  readonly serial: Uint8Array;
  /** Unix seconds. */
  readonly at: number;
  readonly extensions: readonly Extension[];
}

export interface RevocationList extends Signed {
  readonly bytes: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly rawIssuer: Uint8Array;
  /** Unix seconds. */
  readonly thisUpdate: number;
  readonly nextUpdate: number | undefined;
  readonly revoked: readonly RevokedEntry[];
  readonly extensions: readonly Extension[];
  readonly authorityKeyId: Uint8Array;
  /** Big-endian magnitude; empty where there is none. */
  readonly number: Uint8Array;
}

/** Throws DerError or X509Error. */
export function parseRevocationList(bytes: Uint8Array): RevocationList {
  const { inside, ...signature } = parseSigned(bytes);
  if (inside.peek() === TAG.integer) inside.integer();
  inside.sequence();
  const rawIssuer = inside.any().whole;
  const thisUpdate = readTime(inside);
  const nextUpdate = isTime(inside) ? readTime(inside) : undefined;
  const revoked = inside.peek() === TAG.sequence ? parseEntries(inside.sequence()) : [];
  const wrapped = inside.explicit(0);
  const extensions = wrapped === undefined ? [] : parseExtensions(wrapped);
  const value = (oid: string): Uint8Array | undefined => extensions.find((one) => one.oid === oid)?.value;
  const keyId = value(EXTENSION.authorityKeyId);
  const number = value(EXTENSION.crlNumber);
  return {
    ...signature,
    bytes,
    issuer: parseWholeName(rawIssuer),
    rawIssuer,
    thisUpdate,
    nextUpdate,
    revoked,
    extensions,
    authorityKeyId: keyId === undefined ? noBytes : parseAuthorityKeyId(keyId),
    number: number === undefined ? noBytes : new DerReader(number).magnitude(),
  };
}

const isTime = (reader: DerReader): boolean => reader.peek() === TAG.utcTime || reader.peek() === TAG.generalizedTime;

function parseEntries(list: DerReader): RevokedEntry[] {
  const entries: RevokedEntry[] = [];
  while (!list.atEnd) {
    const entry = list.sequence();
    const serial = entry.magnitude();
    const at = readTime(entry);
    entries.push({ serial, at, extensions: entry.atEnd ? [] : parseExtensions(entry) });
  }
  return entries;
}

export interface ListTemplate {
  readonly rawIssuer: Uint8Array;
  readonly authorityKeyId: Uint8Array;
  readonly number: number;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly revoked: readonly RevokedEntry[];
  /** After the number: the delta's base and the like. */
  readonly extra?: readonly Extension[];
}

/** DER, as Go's CreateRevocationList writes it. `random` gives the salt of PSS. */
export function makeRevocationList(
  crypto: Crypto,
  template: ListTemplate,
  signer: Signer,
  random: (length: number) => Uint8Array,
): Uint8Array {
  const { revoked, extra = [] } = template;
  const extensions: Extension[] = [
    { oid: EXTENSION.authorityKeyId, critical: false, value: encodeAuthorityKeyId(template.authorityKeyId) },
    { oid: EXTENSION.crlNumber, critical: false, value: der.integer(template.number) },
    ...extra,
  ];
  const entries = revoked.map(({ serial, at, extensions: own }) =>
    der.sequence(der.integer(serial), derTime(at), ...(own.length === 0 ? [] : [encodeExtensions(own)])),
  );
  const content = der.sequence(
    der.integer(1),
    encodeAlgorithm(signer.algorithm),
    template.rawIssuer,
    derTime(template.thisUpdate),
    derTime(template.nextUpdate),
    ...(entries.length === 0 ? [] : [der.sequence(...entries)]),
    der.explicit(0, encodeExtensions(extensions)),
  );
  return signedDocument(crypto, signer, content, random);
}

/** Marks a delta: the number of the whole list it adds to. */
export const deltaIndicator = (base: number): Extension => ({
  oid: EXTENSION.deltaCrlIndicator,
  critical: true,
  value: der.integer(base),
});

/** PEM with a line break at the end. */
export const revocationListPem = (bytes: Uint8Array): string => encodePem('X509 CRL', bytes);
