/**
 * Keytabs: files with the keys of services, in both versions (krb5's documentation, "Keytab file format"). Errors have the
 * words of the Go library that upstream uses; some have the file's bytes in them.
 */
import { decodeUtf8 } from '../utf8.ts';
import type { EncryptionKey } from './encrypted.ts';

export class KeytabError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'KeytabError';
  }
}

export interface KeytabEntry {
  readonly realm: string;
  readonly parts: readonly string[];
  /** Seconds since the epoch when it was written. */
  readonly written: number;
  /** Of the key. */
  readonly version: number;
  readonly key: EncryptionKey;
}

/** Numbers of a file, or of one of its entries. */
class Cursor {
  readonly #bytes: Uint8Array;
  readonly #little: boolean;
  at = 0;

  constructor(bytes: Uint8Array, little: boolean) {
    this.#bytes = bytes;
    this.#little = little;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  /** Signed. */
  number(size: 1 | 2 | 4): number {
    if (size > this.left) throw new KeytabError(`${decodeUtf8(this.#bytes)}'s length is less than ${this.at + size}`);
    const own = this.#bytes.subarray(this.at, this.at + size);
    this.at += size;
    const value = (this.#little ? own.toReversed() : own).reduce((sum, byte) => (sum << 8) | byte, 0);
    return (value << (32 - 8 * size)) >> (32 - 8 * size);
  }

  take(size: number): Uint8Array {
    if (size < 0) throw new KeytabError(`${size} cannot be less than zero`);
    const end = this.at + size;
    if (size > this.left) throw new KeytabError(`${decodeUtf8(this.#bytes)}'s length is greater than ${end}`);
    this.at = end;
    return this.#bytes.subarray(end - size, end);
  }

  text(): string {
    return decodeUtf8(this.take(this.number(2)));
  }
}

/** Throws KeytabError. */
export function readKeytab(bytes: Uint8Array): KeytabEntry[] {
  if (bytes.length < 2) throw new KeytabError(`byte array is less than 2 bytes: ${bytes.length}`);
  if (bytes[0] !== 5) throw new KeytabError('invalid keytab data. First byte does not equal 5');
  const version = bytes[1]!;
  if (version !== 1 && version !== 2) {
    throw new KeytabError('invalid keytab data. Keytab version is neither 1 nor 2');
  }
  // The first version has the byte order of the machine that wrote it; ours are all alike.
  const file = new Cursor(bytes, version === 1);
  file.at = 2;
  const entries: KeytabEntry[] = [];
  do {
    const size = file.number(4);
    if (size === 0) break;
    if (size < 0) {
      // What was deleted leaves a hole.
      file.at -= size;
    } else {
      const end = file.at + size;
      if (size > file.left) throw new KeytabError(`${decodeUtf8(bytes)}'s length is less than ${end}`);
      entries.push(readEntry(file.take(size), version));
    }
  } while (file.left >= 4);
  return entries;
}

function readEntry(bytes: Uint8Array, version: number): KeytabEntry {
  const cursor = new Cursor(bytes, version === 1);
  const name = readName(cursor, version);
  const written = cursor.number(4);
  const short = cursor.number(1) & 0xff;
  const type = cursor.number(2);
  const value = cursor.take(cursor.number(2));
  // Newer files have the whole number at the end.
  const long = cursor.left >= 4 ? cursor.number(4) >>> 0 : 0;
  return { ...name, written, version: long === 0 ? short : long, key: { type, value } };
}

/** What is wrong in a name is passed over, as upstream does; what comes next will not fit. */
function readName(cursor: Cursor, version: number): Pick<KeytabEntry, 'realm' | 'parts'> {
  let realm = '';
  const parts: string[] = [];
  try {
    const count = cursor.number(2) - (version === 1 ? 1 : 0);
    realm = cursor.text();
    for (let i = 0; i < count; i++) parts.push(cursor.text());
    if (version !== 1) cursor.number(4);
  } catch (error) {
    if (!(error instanceof KeytabError)) throw error;
  }
  return { realm, parts };
}
