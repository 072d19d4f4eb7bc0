/**
 * Reading BER as LDAP has it (RFC 4511, section 5.1): definite lengths, which need not be the shortest ones. `element`
 * of `der.ts` writes it.
 */
import { element, TAG } from '../der.ts';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';

export class BerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BerError';
  }
}

export interface BerElement {
  /** The identifier octet. */
  readonly tag: number;
  readonly contents: Uint8Array;
}

interface Header {
  readonly tag: number;
  /** Where the contents begin and end. */
  readonly from: number;
  readonly to: number;
}

/** The header at `at`, or undefined while not all of it is there. */
function header(bytes: Uint8Array, at: number): Header | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) return undefined;
  if ((tag & 0x1f) === 0x1f) throw new BerError('high tag numbers are not used');
  if (first < 0x80) return { tag, from: at + 2, to: at + 2 + first };
  const octets = first & 0x7f;
  if (octets === 0 || octets > 4) throw new BerError('invalid length');
  if (bytes.length < at + 2 + octets) return undefined;
  let length = 0;
  for (let i = 0; i < octets; i++) length = length * 256 + bytes[at + 2 + i]!;
  return { tag, from: at + 2 + octets, to: at + 2 + octets + length };
}

/** How long the element at the beginning is; undefined while its header is not all there. Throws BerError. */
export const wholeLength = (bytes: Uint8Array): number | undefined => header(bytes, 0)?.to;

/** The elements of one level, one after the other. Throws BerError. */
export class BerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  any(): BerElement {
    const found = header(this.#bytes, this.#at);
    if (found === undefined || found.to > this.#bytes.length) throw new BerError('truncated');
    this.#at = found.to;
    return { tag: found.tag, contents: this.#bytes.subarray(found.from, found.to) };
  }

  read(tag: number): Uint8Array {
    const found = this.any();
    if (found.tag !== tag) throw new BerError(`tag ${found.tag} instead of ${tag}`);
    return found.contents;
  }

  optional(tag: number): Uint8Array | undefined {
    return this.peek() === tag ? this.read(tag) : undefined;
  }

  sequence(tag: number = TAG.sequence): BerReader {
    return new BerReader(this.read(tag));
  }

  /** A non-negative INTEGER or ENUMERATED of at most four octets. */
  integer(tag: number = TAG.integer): number {
    const bytes = this.read(tag);
    if (bytes.length === 0 || bytes.length > 5) throw new BerError('invalid integer');
    return bytes.reduce((value, byte) => value * 256 + byte, 0);
  }

  boolean(): boolean {
    return this.read(TAG.boolean)[0] !== 0;
  }

  text(tag: number = TAG.octets): string {
    return decodeUtf8(this.read(tag));
  }
}

export const octets = (value: string | Uint8Array, tag: number = TAG.octets): Uint8Array =>
  element(tag, typeof value === 'string' ? encodeUtf8(value) : value);

/** Non-negative. */
export function integer(value: number, tag: number = TAG.integer): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  if (bytes.length === 0 || bytes[0]! >= 0x80) bytes.unshift(0);
  return element(tag, Uint8Array.from(bytes));
}

export const boolean = (value: boolean): Uint8Array => element(TAG.boolean, Uint8Array.of(value ? 0xff : 0));
