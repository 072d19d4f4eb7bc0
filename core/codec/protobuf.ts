/**
 * The protobuf wire format (protobuf.dev/programming-guides/encoding), as far as OpenBao's messages need it:
 * varints and length-delimited fields. Default values are left out when writing, as proto3 does.
 */
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

export class ProtobufError extends Error {
  constructor(message: string) {
    super(`proto: ${message}`);
    this.name = 'ProtobufError';
  }
}

/** A varint's bytes; numbers are safe integers ≥ 0. */
export function varint(value: number | bigint): Uint8Array {
  if (typeof value === 'bigint') return bigVarint(value);
  const bytes = new Uint8Array(varintLength(value));
  writeVarint(bytes, 0, value);
  return bytes;
}

function bigVarint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) length++;
  return length;
}

/** Gives where it ends. */
function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
  bytes[at++] = rest;
  return at;
}

/** Collects what is to be written and its length, so that a message is one allocation. */
export class ProtobufWriter {
  /** Numbers are varints. */
  readonly #parts: (number | Uint8Array)[] = [];
  #length = 0;

  uint(field: number, value: number | bigint): this {
    return value === 0 || value === 0n ? this : this.explicitUint(field, value);
  }

  /** Written even when 0: for `optional` fields. */
  explicitUint(field: number, value: number | bigint): this {
    this.#varint(field * 8);
    if (typeof value === 'number') this.#varint(value);
    else this.#bytes(bigVarint(value));
    return this;
  }

  bool(field: number, value: boolean): this {
    return this.uint(field, value ? 1 : 0);
  }

  bytes(field: number, value: Uint8Array): this {
    return value.length === 0 ? this : this.explicitBytes(field, value);
  }

  /** Written even when empty: for `repeated` fields. */
  explicitBytes(field: number, value: Uint8Array): this {
    this.#varint(field * 8 + 2);
    this.#varint(value.length);
    this.#bytes(value);
    return this;
  }

  /** A message inside this one; written even when empty. */
  message(field: number, inner: ProtobufWriter): this {
    this.#varint(field * 8 + 2);
    this.#varint(inner.#length);
    for (const part of inner.#parts) this.#parts.push(part);
    this.#length += inner.#length;
    return this;
  }

  text(field: number, value: string): this {
    return value === '' ? this : this.explicitBytes(field, encodeUtf8(value));
  }

  finish(): Uint8Array {
    const message = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      if (typeof part === 'number') at = writeVarint(message, at, part);
      else {
        message.set(part, at);
        at += part.length;
      }
    }
    return message;
  }

  #varint(value: number): void {
    this.#parts.push(value);
    this.#length += varintLength(value);
  }

  #bytes(value: Uint8Array): void {
    this.#parts.push(value);
    this.#length += value.length;
  }
}

/** Walks over a message: `while (reader.next()) switch (reader.field) …`; what is not read is skipped. */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;
  #pending = false;
  #wire = 0;
  /** Number of the current field. */
  field = 0;

  /** Of the bytes from `start` to `end`. */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  next(): boolean {
    if (this.#pending) this.#skip();
    if (this.#at >= this.#end) return false;
    const first = this.#bytes[this.#at]!;
    // Most fields have a number below 16.
    if (first < 0x80) {
      this.#at++;
      this.field = first >>> 3;
      this.#wire = first & 7;
    } else {
      const tag = this.#number();
      this.field = Math.floor(tag / 8);
      this.#wire = tag % 8;
    }
    this.#pending = true;
    return true;
  }

  /** How the current field is written: 0 a number, 2 bytes. */
  get wire(): number {
    return this.#wire;
  }

  uint(): number {
    this.#expect(0);
    return this.#number();
  }

  /** An int64, as near as a number comes to it. */
  int(): number {
    this.#expect(0);
    const start = this.#at;
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 7; count++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    this.#at = start;
    return Number(BigInt.asIntN(64, this.#big()));
  }

  /** For values beyond 2^53. */
  big(): bigint {
    this.#expect(0);
    return this.#big();
  }

  #big(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError('cannot parse invalid wire-format data');
  }

  bool(): boolean {
    return this.uint() !== 0;
  }

  /** A view into the message, not a copy. */
  bytes(): Uint8Array {
    const start = this.#delimited();
    return this.#bytes.subarray(start, this.#at);
  }

  /** What reads the message that this field is. */
  message(): ProtobufReader {
    const start = this.#delimited();
    return new ProtobufReader(this.#bytes, start, this.#at);
  }

  /** Passes over a field of bytes; gives where they start. */
  #delimited(): number {
    this.#expect(2);
    const length = this.#number();
    const start = this.#at;
    if (start + length > this.#end) throw new ProtobufError('unexpected EOF');
    this.#at = start + length;
    return start;
  }

  text(): string {
    return decodeUtf8(this.bytes());
  }

  #expect(wire: number): void {
    if (this.#wire !== wire) throw new ProtobufError('cannot parse invalid wire-format data');
    this.#pending = false;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new ProtobufError('unexpected EOF');
    return this.#bytes[this.#at++]!;
  }

  #number(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw new ProtobufError('cannot parse invalid wire-format data');
  }

  #skip(): void {
    this.#pending = false;
    switch (this.#wire) {
      case 0:
        this.#number();
        break;
      case 1:
        this.#at += 8;
        break;
      case 2: {
        // Reading the length moves `#at` too, so it must come first.
        const length = this.#number();
        this.#at += length;
        break;
      }
      case 5:
        this.#at += 4;
        break;
      default:
        throw new ProtobufError('cannot parse invalid wire-format data');
    }
    if (this.#at > this.#end) throw new ProtobufError('unexpected EOF');
  }
}
