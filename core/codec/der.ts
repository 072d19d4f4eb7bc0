/**
 * Writing DER (X.690): each function gives one whole element, and nesting them gives a document.
 * `DerReader` reads it back.
 */
import { compareBytes, concatBytes, noBytes } from './bytes.ts';
import { encodeOid } from './oid.ts';
import { encodeUtf8 } from './utf8.ts';

/** Identifier octets, the constructed bit included. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8: 0x0c,
  numeric: 0x12,
  printable: 0x13,
  t61: 0x14,
  ia5: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmp: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The identifier octet of a context-specific tag. */
export const context = (number: number, constructed: boolean): number => 0x80 | (constructed ? 0x20 : 0) | number;

function lengthOctets(length: number): Uint8Array {
  if (length < 128) return Uint8Array.of(length);
  const octets: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) octets.unshift(left % 256);
  return Uint8Array.of(0x80 | octets.length, ...octets);
}

/** Any element: identifier octet and contents. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of contents) length += part.length;
  return concatBytes(Uint8Array.of(tag), lengthOctets(length), ...contents);
}

/** Big-endian magnitude as the contents of a non-negative INTEGER. */
function magnitude(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const significant = bytes.subarray(start);
  if (significant.length === 0) return Uint8Array.of(0);
  return significant[0]! >= 0x80 ? concatBytes(Uint8Array.of(0), significant) : significant;
}

function bigEndian(value: number): Uint8Array {
  const octets: number[] = [];
  for (let left = value; left > 0; left = Math.floor(left / 256)) octets.unshift(left % 256);
  return Uint8Array.from(octets);
}

/** The two's complement, in as many bytes. */
export function negated(bytes: Uint8Array): Uint8Array {
  let carry = 1;
  return bytes
    .map((byte) => 255 - byte)
    .reduceRight((out, byte, at) => {
      out[at] = (byte + carry) & 0xff;
      carry = byte + carry > 0xff ? 1 : 0;
      return out;
    }, new Uint8Array(bytes.length));
}

/** Of a negative number, without the byte that says no more than the next one does. */
const minimal = (bytes: Uint8Array): Uint8Array =>
  bytes.length > 1 && bytes[0] === 0xff && bytes[1]! >= 0x80 ? bytes.subarray(1) : bytes;

const text = (tag: number) => (value: string) => element(tag, encodeUtf8(value));

export const der = {
  sequence: (...parts: readonly Uint8Array[]): Uint8Array => element(TAG.sequence, ...parts),
  /** SET OF: the elements come in the order of their bytes. */
  set: (...parts: readonly Uint8Array[]): Uint8Array => element(TAG.set, ...parts.toSorted(compareBytes)),
  /** Not negative: a number, or a magnitude in big-endian bytes. */
  integer: (value: number | Uint8Array): Uint8Array =>
    element(TAG.integer, magnitude(typeof value === 'number' ? bigEndian(value) : value)),
  /** By a magnitude that is not zero. */
  negative: (value: Uint8Array): Uint8Array => element(TAG.integer, minimal(negated(magnitude(value)))),
  enumerated: (value: number): Uint8Array => element(TAG.enumerated, magnitude(bigEndian(value))),
  boolean: (value: boolean): Uint8Array => element(TAG.boolean, Uint8Array.of(value ? 0xff : 0)),
  null: (): Uint8Array => element(TAG.null, noBytes),
  /** Dotted text. */
  oid: (dotted: string): Uint8Array => element(TAG.oid, encodeOid(dotted)),
  octets: (bytes: Uint8Array): Uint8Array => element(TAG.octets, bytes),
  /** `unused` bits of the last byte do not count. */
  bits: (bytes: Uint8Array, unused = 0): Uint8Array => element(TAG.bits, Uint8Array.of(unused), bytes),
  utf8: text(TAG.utf8),
  printable: text(TAG.printable),
  ia5: text(TAG.ia5),
  /** `YYMMDDhhmmssZ`. */
  utcTime: text(TAG.utcTime),
  /** `YYYYMMDDhhmmssZ`. */
  generalizedTime: text(TAG.generalizedTime),
  /** [number] EXPLICIT around whole elements. */
  explicit: (number: number, ...parts: readonly Uint8Array[]): Uint8Array => element(context(number, true), ...parts),
  /** [number] IMPLICIT: bare contents. */
  implicit: (number: number, contents: Uint8Array, constructed = false): Uint8Array =>
    element(context(number, constructed), contents),
};
