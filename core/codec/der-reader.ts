/**
 * Reading DER (X.690), strictly: a cursor over the elements of one level. What is wrong throws DerError with the words
 * of Go's encoding/asn1 as far as they do not name Go's types.
 */
import { noBytes } from './bytes.ts';
import { context, negated, TAG } from './der.ts';
import { decodeOid } from './oid.ts';
import { decodeUtf8 } from './utf8.ts';

export class DerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DerError';
  }
}

const syntax = (what: string): DerError => new DerError(`asn1: syntax error: ${what}`);
const structure = (what: string): DerError => new DerError(`asn1: structure error: ${what}`);

/** Go takes no more. */
const LARGEST_ARC = 0x7fffffff;

export interface DerElement {
  /** The identifier octet. */
  readonly tag: number;
  readonly contents: Uint8Array;
  /** Identifier, length and contents: what signatures are over. */
  readonly whole: Uint8Array;
}

export class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /** Reads the elements that these bytes are. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The next identifier octet, or undefined at the end. */
  peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** Throws unless everything was read. */
  end(): void {
    if (!this.atEnd) throw syntax('trailing data');
  }

  /** The next element, whatever it is. */
  any(): DerElement {
    const start = this.#at;
    const tag = this.#octet();
    if ((tag & 0x1f) === 0x1f) throw structure('high tag numbers are not supported');
    const length = this.#length();
    const from = this.#at;
    if (length > this.#bytes.length - from) throw syntax('data truncated');
    this.#at = from + length;
    return {
      tag,
      contents: this.#bytes.subarray(from, this.#at),
      whole: this.#bytes.subarray(start, this.#at),
    };
  }

  #octet(): number {
    const octet = this.#bytes[this.#at++];
    if (octet === undefined) throw syntax('truncated tag or length');
    return octet;
  }

  #length(): number {
    const first = this.#octet();
    if (first < 0x80) return first;
    const octets = first & 0x7f;
    if (octets === 0) throw syntax('indefinite length found (not DER)');
    let length = 0;
    for (let i = 0; i < octets; i++) {
      const octet = this.#octet();
      if (length >= 0x800000) throw structure('length too large');
      length = length * 256 + octet;
      if (length === 0) throw structure('superfluous leading zeros in length');
    }
    if (length < 0x80) throw structure('non-minimal length');
    return length;
  }

  /** The contents of the next element, which has this identifier octet. */
  read(tag: number): Uint8Array {
    const found = this.any();
    if (found.tag !== tag) throw structure(`tags don't match (${tag} vs ${found.tag})`);
    return found.contents;
  }

  /** As `read`, or undefined when the next element is another. */
  optional(tag: number): Uint8Array | undefined {
    return this.peek() === tag ? this.read(tag) : undefined;
  }

  sequence(): DerReader {
    return new DerReader(this.read(TAG.sequence));
  }

  set(): DerReader {
    return new DerReader(this.read(TAG.set));
  }

  /**
   * As Go opens an [number] EXPLICIT that may be left out: what is inside has to begin as an element does, and so has what
   * is there instead.
   */
  explicitElement(number: number): DerReader | undefined {
    this.#checkHead();
    const inside = this.explicit(number);
    if (inside === undefined) return undefined;
    if (inside.atEnd) {
      throw structure(this.atEnd ? 'explicit tag has no child' : 'zero length explicit tag was not an asn1.Flag');
    }
    inside.#checkHead();
    return inside;
  }

  /**
   * As Go does with what is EXPLICIT: after the head what is inside comes next, however long the head says that it is. False
   * when the next element is another, or what is inside has another identifier octet than `inside`.
   */
  enter(tag: number, inside?: number): boolean {
    const start = this.#at;
    if (this.peek() !== tag) return false;
    this.#at++;
    const length = this.#length();
    if (length === 0) throw structure('zero length explicit tag was not an asn1.Flag');
    if (this.atEnd) throw structure('explicit tag has no child');
    if (inside === undefined || this.peek() === inside) return true;
    this.#at = start;
    return false;
  }

  /** What was not read yet. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  #checkHead(): void {
    if (this.atEnd) return;
    const head = new DerReader(this.#bytes.subarray(this.#at));
    if ((head.#octet() & 0x1f) !== 0x1f) head.#length();
  }

  /** The elements inside [number] EXPLICIT, or undefined when it is left out. */
  explicit(number: number): DerReader | undefined {
    const contents = this.optional(context(number, true));
    return contents === undefined ? undefined : new DerReader(contents);
  }

  #integer(): Uint8Array {
    const bytes = this.read(TAG.integer);
    if (bytes.length === 0) throw structure('empty integer');
    if (bytes.length > 1 && bytes[0] === (bytes[1]! >= 0x80 ? 0xff : 0))
      throw structure('integer not minimally-encoded');
    return bytes;
  }

  /** An INTEGER of any size and sign. */
  whole(): bigint {
    const bytes = this.#integer();
    return bytes.reduce((value, byte) => value * 256n + BigInt(byte), bytes[0]! >= 0x80 ? -1n : 0n);
  }

  /** The magnitude of a non-negative INTEGER, big-endian without leading zeros (zero is no bytes). */
  magnitude(): Uint8Array {
    const bytes = this.#integer();
    if (bytes[0]! >= 0x80) throw structure('integer is negative');
    return bytes[0] === 0 ? bytes.subarray(1) : bytes;
  }

  /** An INTEGER by its magnitude, which is as for `magnitude`. */
  signed(): { readonly magnitude: Uint8Array; readonly negative: boolean } {
    const bytes = this.#integer();
    const negative = bytes[0]! >= 0x80;
    const magnitude = negative ? negated(bytes) : bytes;
    return { magnitude: magnitude[0] === 0 ? magnitude.subarray(1) : magnitude, negative };
  }

  /** A small non-negative INTEGER: versions, exponents; with `most` bytes of magnitude, of which 53 bits are sure. */
  integer(most = 4): number {
    const bytes = this.magnitude();
    if (bytes.length > most) throw structure('integer too large');
    return bytes.reduce((value, byte) => value * 256 + byte, 0);
  }

  boolean(): boolean {
    const bytes = this.read(TAG.boolean);
    if (bytes.length !== 1 || (bytes[0] !== 0 && bytes[0] !== 0xff)) throw syntax('invalid boolean');
    return bytes[0] === 0xff;
  }

  /** Dotted text. */
  oid(): string {
    const dotted = decodeOid(this.read(TAG.oid));
    if (dotted === undefined) throw syntax('invalid object identifier');
    if (dotted.split('.').some((arc) => Number(arc) > LARGEST_ARC)) throw structure('base 128 integer too large');
    return dotted;
  }

  octets(): Uint8Array {
    return this.read(TAG.octets);
  }

  /** The bytes of a BIT STRING whose bits all count. */
  bits(): Uint8Array {
    const { bytes, unused } = this.bitString();
    if (unused !== 0) throw syntax('invalid padding bits in BIT STRING');
    return bytes;
  }

  bitString(): { readonly bytes: Uint8Array; readonly unused: number } {
    const contents = this.read(TAG.bits);
    if (contents.length === 0) throw syntax('zero length BIT STRING');
    const unused = contents[0]!;
    const bytes = contents.subarray(1);
    if (unused > 7 || (bytes.length === 0 && unused > 0) || ((bytes.at(-1) ?? 0) & ((1 << unused) - 1)) !== 0) {
      throw syntax('invalid padding bits in BIT STRING');
    }
    return { bytes: bytes.length === 0 ? noBytes : bytes, unused };
  }

  /** Any of the string types but BMPString. */
  text(): string {
    const { tag, contents } = this.any();
    if (tag !== TAG.utf8 && tag !== TAG.printable && tag !== TAG.ia5 && tag !== TAG.t61) {
      throw structure(`tags don't match (${TAG.utf8} vs ${tag})`);
    }
    return decodeUtf8(contents);
  }
}
