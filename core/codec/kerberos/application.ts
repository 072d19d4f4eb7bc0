/** What the messages of Kerberos (RFC 4120, section 5) have around and in them, beside what DER has of its own. */
import { DerError, DerReader } from '../der-reader.ts';
import { context, der, element, TAG } from '../der.ts';
import { encodeUtf8, decodeUtf8 } from '../utf8.ts';

/** Which message it is. */
export const APPLICATION = { ticket: 1, authenticator: 2, ticketPart: 3, apReq: 14 } as const;

const GENERAL_STRING = 0x1b;
const TEXTS: readonly number[] = [GENERAL_STRING, TAG.printable, TAG.ia5, TAG.t61, TAG.utf8];

/** [APPLICATION number] EXPLICIT around whole elements. */
export const application = (number: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  element(0x60 | number, ...parts);

/** At the one element inside; what comes behind it is not looked at. */
export function readApplication(number: number, bytes: Uint8Array): DerReader {
  const reader = new DerReader(bytes);
  if (!reader.enter(0x60 | number)) throw new DerError("asn1: structure error: tags don't match");
  return reader;
}

export const generalString = (text: string): Uint8Array => element(GENERAL_STRING, encodeUtf8(text));

export function readText(reader: DerReader): string {
  const { tag, contents } = reader.any();
  if (!TEXTS.includes(tag)) throw new DerError(`asn1: structure error: tags don't match (${GENERAL_STRING} vs ${tag})`);
  return decodeUtf8(contents);
}

/** The reader at what has to be there, in [number] EXPLICIT. */
export function must(reader: DerReader, number: number): DerReader {
  if (!reader.enter(context(number, true))) throw new DerError("asn1: structure error: explicit tag didn't match");
  return reader;
}

/** Likewise of what may be left out, with this tag; what is there with another is as good as left out, as in Go. */
export const may = (reader: DerReader, number: number, tag: number): DerReader | undefined =>
  reader.enter(context(number, true), tag) ? reader : undefined;

function readInteger(reader: DerReader, bits: number): bigint {
  const value = reader.whole();
  if (value !== BigInt.asIntN(bits, value)) throw new DerError('asn1: structure error: integer too large');
  return value;
}

/** An INTEGER of 32 bits with its sign. */
export const readInt32 = (reader: DerReader): number => Number(readInteger(reader, 32));
/** Likewise of 64 bits; exact up to 53. */
export const readInt64 = (reader: DerReader): number => Number(readInteger(reader, 64));

export const int32 = (value: number): Uint8Array =>
  value >= 0 ? der.integer(value) : der.negative(Uint8Array.of(-value >>> 24, -value >>> 16, -value >>> 8, -value));

/** All elements of a SEQUENCE OF. */
export function each<T>(reader: DerReader, read: (reader: DerReader) => T): T[] {
  const inside = reader.sequence();
  const all: T[] = [];
  while (!inside.atEnd) all.push(read(inside));
  return all;
}
