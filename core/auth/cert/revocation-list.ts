/**
 * Revocation lists as Go's encoding/asn1 reads them into crypto/x509/pkix: of any version, whatever their algorithms
 * are, and with all errors in its words.
 */
import { TAG } from '../../codec/der.ts';
import { DerError, DerReader, type DerElement } from '../../codec/der-reader.ts';
import { checkOutermost } from '../../codec/outermost.ts';
import { derTimeOf } from '../../crypto/x509/asn1-time.ts';
import { X509Error } from '../../crypto/x509/error.ts';

export interface RevocationList {
  /** Unix seconds; zero: it does not say. */
  readonly nextUpdate: number;
  readonly serials: readonly bigint[];
}

/** Throws DerError or X509Error. */
export function parseRevocationList(bytes: Uint8Array): RevocationList {
  checkOutermost(bytes, 'CertificateList');
  const outer = new DerReader(bytes);
  const whole = outer.sequence();
  const list = contentOf(whole.sequence());
  readAlgorithm(whole);
  whole.bitString();
  if (!outer.atEnd) throw new X509Error('x509: trailing data after CRL');
  return list;
}

/** Go looks at nothing behind the last field that it knows. */
function contentOf(content: DerReader): RevocationList {
  if (content.peek() === TAG.integer) content.integer();
  readAlgorithm(content);
  readName(content.sequence());
  readTime(content);
  const nextUpdate = isTime(content) ? readTime(content) : 0;
  const serials = content.peek() === TAG.sequence ? serialsIn(content.sequence()) : [];
  const wrapped = content.explicit(0);
  if (wrapped !== undefined) readExtensions(wrapped.sequence());
  return { nextUpdate, serials };
}

function readAlgorithm(reader: DerReader): void {
  const algorithm = reader.sequence();
  algorithm.oid();
  if (!algorithm.atEnd) algorithm.any();
}

const LETTERS: Readonly<Record<number, readonly [name: string, letters: RegExp]>> = {
  [TAG.printable]: ['PrintableString', /^[A-Za-z0-9 '()+,\-./:=?*&]*$/],
  [TAG.numeric]: ['NumericString', /^[0-9 ]*$/],
  [TAG.ia5]: ['IA5String', /^[ -~\t\n\r]*$/],
};

function checkText({ tag, contents }: DerElement): void {
  const [name, letters] = LETTERS[tag] ?? [];
  if (letters?.test(String.fromCharCode(...contents)) === false) {
    throw new DerError(`asn1: syntax error: ${name} contains invalid character`);
  }
}

function readName(name: DerReader): void {
  while (!name.atEnd) {
    const set = new DerReader(name.read(TAG.set));
    while (!set.atEnd) {
      const attribute = set.sequence();
      attribute.oid();
      if (attribute.peek() === TAG.boolean) attribute.boolean();
      else checkText(attribute.any());
    }
  }
}

const isTime = (reader: DerReader): boolean => reader.peek() === TAG.utcTime || reader.peek() === TAG.generalizedTime;

function readTime(reader: DerReader): number {
  if (!isTime(reader)) throw new DerError("asn1: structure error: tags don't match");
  const { tag, contents } = reader.any();
  return derTimeOf(tag, contents);
}

function serialsIn(list: DerReader): bigint[] {
  const serials: bigint[] = [];
  while (!list.atEnd) {
    const entry = list.sequence();
    serials.push(entry.whole());
    readTime(entry);
    if (entry.peek() === TAG.sequence) readExtensions(entry.sequence());
  }
  return serials;
}

function readExtensions(list: DerReader): void {
  while (!list.atEnd) {
    const extension = list.sequence();
    extension.oid();
    if (extension.peek() === TAG.boolean) extension.boolean();
    extension.octets();
  }
}
