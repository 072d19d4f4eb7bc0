/** Numbers, texts and byte strings one after another: what raft's messages and log records are made of. */
import { shortLived, shortLivedCopy } from '../codec/slab.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';

/** Grows as needed and is used again and again; what `take` returns is a copy. */
export class WireWriter {
  /** Most writers are soon forgotten; one that is kept outgrows this and then has bytes of its own. */
  #bytes = shortLived(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  #room(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  /** A safe integer ≥ 0, seven bits a byte, lowest first. */
  number(value: number): void {
    this.#room(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  bytes(value: Uint8Array): void {
    this.number(value.length);
    this.#room(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  text(value: string): void {
    const { length } = value;
    const start = this.#length;
    this.number(length);
    this.#room(length);
    for (let at = 0; at < length; at++) {
      const unit = value.charCodeAt(at);
      if (unit > 0x7f) {
        this.#length = start;
        this.bytes(encodeUtf8(value));
        return;
      }
      this.#bytes[this.#length++] = unit;
    }
  }

  /** Forgets what was written since the last `take`. */
  clear(): void {
    this.#length = 0;
  }

  /** What was written since the last `take` or `clear`, until the next thing is written. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The same for what is soon forgotten, which is cheaper: most messages. */
  takeShortLived(): Uint8Array {
    const taken = shortLivedCopy(this.view());
    this.#length = 0;
    return taken;
  }

  /** What was written since the last `take`. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }
}

/** What is read does not have the form it should have. */
export class WireError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WireError';
  }
}

export class WireReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new WireError('unexpected end');
    this.#at++;
    return value;
  }

  number(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 8; count++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) throw new WireError('number too large');
        return value;
      }
      scale *= 0x80;
    }
    throw new WireError('number too long');
  }

  /** A view into what is read, not a copy. */
  bytes(): Uint8Array {
    const length = this.number();
    if (this.#at + length > this.#bytes.length) throw new WireError('unexpected end');
    const value = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return value;
  }

  text(): string {
    return decodeUtf8(this.bytes());
  }
}
