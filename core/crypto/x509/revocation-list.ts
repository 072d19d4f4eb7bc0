/** Revocation lists, whole and delta (RFC 5280, section 5). */
import { noBytes } from '../../codec/bytes.ts';
import { der, TAG } from '../../codec/der.ts';
import { DerReader } from '../../codec/der-reader.ts';
import { encodePem } from '../../codec/pem.ts';
import type { Crypto } from '../crypto.ts';
import { encodeAlgorithm } from './algorithm.ts';
import { openSigned, sequenceOf, type Signed } from './certificate.ts';
import { must, X509Error } from './error.ts';
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

/** Throws X509Error. */
export function parseRevocationList(bytes: Uint8Array): RevocationList {
  const { inside, signed } = openSigned(bytes, 'crl', (reader) => {
    if (reader.peek() !== TAG.integer) throw new X509Error('x509: unsupported crl version');
    const version = must('malformed crl', () => reader.integer());
    if (version !== 1) throw new X509Error(`x509: unsupported crl version: ${version}`);
  });
  const signature = signed();
  const rawIssuer = must('malformed issuer', () => sequenceOf(inside));
  const issuer = parseWholeName(rawIssuer);
  const thisUpdate = readTime(inside);
  const nextUpdate = isTime(inside) ? readTime(inside) : undefined;
  const revoked = inside.peek() === TAG.sequence ? parseEntries(must('malformed crl', () => inside.sequence())) : [];
  const wrapped = must('malformed extensions', () => inside.explicit(0));
  const extensions = wrapped === undefined ? [] : parseExtensions(wrapped);
  const value = (oid: string): Uint8Array | undefined => extensions.find((one) => one.oid === oid)?.value;
  const keyId = value(EXTENSION.authorityKeyId);
  const number = value(EXTENSION.crlNumber);
  return {
    ...signature,
    bytes,
    issuer,
    rawIssuer,
    thisUpdate,
    nextUpdate,
    revoked,
    extensions,
    authorityKeyId:
      keyId === undefined ? noBytes : must('invalid authority key identifier', () => parseAuthorityKeyId(keyId)),
    number: number === undefined ? noBytes : must('malformed crl number', () => new DerReader(number).magnitude()),
  };
}

const isTime = (reader: DerReader): boolean => reader.peek() === TAG.utcTime || reader.peek() === TAG.generalizedTime;

function parseEntries(list: DerReader): RevokedEntry[] {
  const entries: RevokedEntry[] = [];
  while (!list.atEnd) {
    const entry = must('malformed crl', () => list.sequence());
    const serial = must('malformed serial number', () => entry.magnitude());
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

/** DER, as Go's CreateRevocationList writes it. `random` gives the salt of PSS. Rejects with X509Error. */
export async function makeRevocationList(
  crypto: Crypto,
  template: ListTemplate,
  signer: Signer,
  random: (length: number) => Uint8Array,
): Promise<Uint8Array> {
  const { revoked, extra = [] } = template;
  if (template.thisUpdate > template.nextUpdate) {
    throw new X509Error('x509: template.ThisUpdate is after template.NextUpdate');
  }
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
