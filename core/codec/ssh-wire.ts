/** The data types of SSH's messages (RFC 4251, section 5): writing them, and reading them back with the words of Go's x/crypto/ssh. */
import { concatBytes, noBytes, readUint32, writeUint32 } from './bytes.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

export class SshError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SshError';
  }
}

export const shortRead = (): SshError => new SshError('ssh: short read');

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeUint32(bytes, 0, value);
  return bytes;
}

function uint64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  writeUint32(bytes, 0, Number(value >> 32n));
  writeUint32(bytes, 4, Number(value & 0xffff_ffffn));
  return bytes;
}

const bytes = (value: Uint8Array): Uint8Array => concatBytes(uint32(value.length), value);

/** Two's complement without superfluous octets: what is left of what was written less tersely. */
function terse(value: Uint8Array): Uint8Array {
  let start = 0;
  while (
    start < value.length &&
    (value[start] === 0 ? (value[start + 1] ?? 0) < 0x80 : value[start] === 0xff && (value[start + 1] ?? 0) >= 0x80)
  )
    start++;
  return value.subarray(start);
}

export const ssh = {
  uint32,
  uint64,
  bytes,
  text: (value: string): Uint8Array => bytes(encodeUtf8(value)),
  /** An mpint from two's complement. */
  mpint: (complement: Uint8Array): Uint8Array => bytes(terse(complement)),
  /** An mpint from a magnitude in big-endian bytes. */
  magnitude: (magnitude: Uint8Array): Uint8Array => bytes(terse(concatBytes(Uint8Array.of(0), magnitude))),
  /** A string that is a list of others. */
  list: (...parts: readonly Uint8Array[]): Uint8Array => bytes(concatBytes(...parts)),
};

/** A cursor. What is cut off throws SshError. */
export class SshReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** All that was not read yet. */
  rest(): Uint8Array {
    return this.#take(this.#bytes.length - this.#at);
  }

  uint32(): number {
    return readUint32(this.#take(4), 0);
  }

  uint64(): bigint {
    return (BigInt(this.uint32()) << 32n) | BigInt(this.uint32());
  }

  bytes(): Uint8Array {
    return this.#take(this.uint32());
  }

  text(): string {
    return decodeUtf8(this.bytes());
  }

  /** Two's complement, without superfluous octets. */
  mpint(): Uint8Array {
    return terse(this.bytes());
  }

  /** The absolute value of an mpint that is not negative, big-endian without leading zeros. */
  magnitude(): Uint8Array {
    const value = this.mpint();
    if ((value[0] ?? 0) >= 0x80) throw new SshError('ssh: negative number');
    return value[0] === 0 ? value.subarray(1) : value;
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw shortRead();
    const start = this.#at;
    this.#at += length;
    return length === 0 ? noBytes : this.#bytes.subarray(start, this.#at);
  }
}
