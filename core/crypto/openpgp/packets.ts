/** Packets of OpenPGP: their frames, read one after the other, and written (RFC 4880, section 4.2). */
import { concatBytes } from '../../codec/bytes.ts';

/** What cannot be read; the texts are those of upstream's library. */
export class OpenPgpError extends Error {
  /** What Go's Printf shows of the error's value: its text without the name of its type. */
  readonly detail: string;
  constructor(message: string, detail = message) {
    super(message);
    this.detail = detail;
  }
}

/** With the kind of error before the text. */
class Prefixed extends OpenPgpError {
  constructor(kind: string, detail: string) {
    super(`openpgp: ${kind}: ${detail}`, detail);
  }
}

/** What is against the rules. */
export class InvalidData extends Prefixed {
  constructor(detail: string) {
    super('invalid data', detail);
  }
}

/** What its library does not know; packets that say so are mostly passed over. */
export class UnsupportedFeature extends Prefixed {
  constructor(detail: string) {
    super('unsupported feature', detail);
  }
}

/** A kind of packet that nobody knows, and that may not be passed over. */
export class UnknownCriticalPacket extends Prefixed {
  constructor(tag: number) {
    super('unknown critical packet type', String(tag));
  }
}

export class InvalidSignature extends Prefixed {
  constructor(detail: string) {
    super('invalid signature', detail);
  }
}

export class InvalidArgument extends Prefixed {
  constructor(detail: string) {
    super('invalid argument', detail);
  }
}

export class AeadError extends Prefixed {
  constructor(detail: string) {
    super('aead error', detail);
  }
}

const cut = (): OpenPgpError => new OpenPgpError('unexpected EOF');

/** All bytes, and how far they are read. */
class Source {
  readonly #bytes: Uint8Array;
  #at = 0;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(length: number): Uint8Array {
    if (length > this.left) {
      this.#at = this.#bytes.length;
      throw cut();
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  uint(size: number): number {
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0);
  }
}

/** What is in a packet, read as far as whoever reads it needs. */
export class Contents {
  readonly #source: Source;
  #left: number;
  #more: boolean;

  /** `more`: another length follows the first part. */
  constructor(source: Source, left: number, more = false) {
    this.#source = source;
    this.#left = left;
    this.#more = more;
  }

  /** Whether there is nothing to read, nor was. */
  get empty(): boolean {
    return (this.#left === 0 && !this.#more) || this.#source.left === 0;
  }

  /** Bytes that are not there are an error. */
  take(length: number): Uint8Array {
    const parts: Uint8Array[] = [];
    for (let missing = length; missing > 0;) {
      if (!this.#part()) throw cut();
      const some = this.#source.take(Math.min(missing, this.#left));
      this.#left -= some.length;
      missing -= some.length;
      parts.push(some);
    }
    return parts.length === 1 ? parts[0]! : concatBytes(...parts);
  }

  uint(size: number): number {
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** Up to the packet's end; one without a length ends with everything. */
  rest(): Uint8Array {
    const parts: Uint8Array[] = [];
    while (this.#part()) {
      const length = this.#left === Infinity ? this.#source.left : this.#left;
      if (length === 0) break;
      parts.push(this.take(length));
    }
    return concatBytes(...parts);
  }

  /** Whether there are bytes left to read. */
  #part(): boolean {
    while (this.#left === 0) {
      if (!this.#more) return false;
      ({ length: this.#left, more: this.#more } = newLength(this.#source));
    }
    return true;
  }
}

export interface Packet {
  readonly tag: number;
  readonly contents: Contents;
}

/**
 * The frames of packets. What the reader of one leaves of its contents is taken for the next one, as upstream does; so
 * whoever gives a packet up reads its rest.
 */
export class Packets {
  readonly #source: Source;
  constructor(bytes: Uint8Array) {
    this.#source = new Source(bytes);
  }

  /** Undefined at the end. Throws OpenPgpError. */
  next(): Packet | undefined {
    const source = this.#source;
    if (source.left === 0) return undefined;
    const head = source.uint(1);
    if ((head & 0x80) === 0) throw new InvalidData('tag byte does not have MSB set');
    if ((head & 0x40) !== 0) {
      const { length, more } = newLength(source);
      return { tag: head & 0x3f, contents: new Contents(source, length, more) };
    }
    const length = (head & 3) === 3 ? Infinity : source.uint(1 << (head & 3));
    return { tag: (head >> 2) & 0x0f, contents: new Contents(source, length) };
  }
}

/** Of packets in the new format, and of subpackets, where `more` does not occur. */
function newLength(source: Pick<Source, 'uint'>): { length: number; more: boolean } {
  const first = source.uint(1);
  if (first < 192) return { length: first, more: false };
  if (first < 224) return { length: (first - 192) * 256 + source.uint(1) + 192, more: false };
  if (first < 255) return { length: 2 ** (first & 0x1f), more: true };
  return { length: source.uint(4), more: false };
}

/** In the new format. */
export function writePacket(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head =
    length < 192
      ? [length]
      : length < 8384
        ? [192 + ((length - 192) >> 8), (length - 192) & 255]
        : [255, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255];
  return concatBytes(Uint8Array.of(0xc0 | tag, ...head), ...parts);
}
