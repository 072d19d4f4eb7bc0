/**
 * A file of checksummed records, each written whole or not at all. What a crash leaves of the last one is cut off when
 * the file is opened; damage anywhere else is refused.
 *
 * Record: magic u32 | sequence u32 | length u32 | CRC-32 u32 of sequence, length and payload | payload.
 */
import { readUint32, writeUint32 } from '../../codec/bytes.ts';
import { crc32 } from '../../codec/crc32.ts';
import type { Disk, DiskFile } from '../../runtime.ts';

const MAGIC = 0x53544d52;
const HEADER = 16;

/** The file is not what was written; nothing is read from it. */
export class CorruptState extends Error {
  constructor(path: string, offset: number, what: string) {
    super(`${path} is corrupt at byte ${offset}: ${what}`);
    this.name = 'CorruptState';
  }
}

function frame(sequence: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER + payload.length);
  writeUint32(bytes, 0, MAGIC);
  writeUint32(bytes, 4, sequence);
  writeUint32(bytes, 8, payload.length);
  bytes.set(payload, HEADER);
  writeUint32(bytes, 12, crc32(payload, crc32(bytes.subarray(4, 12))));
  return bytes;
}

/** The payload of a whole and sound record at `at`, or undefined. */
function unframe(bytes: Uint8Array, at: number): { sequence: number; payload: Uint8Array } | undefined {
  if (at + HEADER > bytes.length || readUint32(bytes, at) !== MAGIC) return undefined;
  const end = at + HEADER + readUint32(bytes, at + 8);
  if (end > bytes.length) return undefined;
  const payload = bytes.subarray(at + HEADER, end);
  if (crc32(payload, crc32(bytes.subarray(at + 4, at + 12))) !== readUint32(bytes, at + 12)) return undefined;
  return { sequence: readUint32(bytes, at + 4), payload };
}

export class Journal {
  readonly #file: DiskFile;
  #size: number;
  #sequence: number;

  private constructor(file: DiskFile, size: number, sequence: number) {
    this.#file = file;
    this.#size = size;
    this.#sequence = sequence;
  }

  /** Bytes of whole records. */
  get size(): number {
    return this.#size;
  }

  /** An empty journal at `path`; what was there is gone. */
  static async create(disk: Disk, path: string): Promise<Journal> {
    const file = await disk.open(path, { create: true, mode: 0o600 });
    await file.truncate(0);
    return new Journal(file, 0, 0);
  }

  /** Reads all records of the file, which exists, and goes on behind them. Rejects with CorruptState. */
  static async open(disk: Disk, path: string, record: (payload: Uint8Array) => void): Promise<Journal> {
    const file = await disk.open(path, { create: false });
    const bytes = await file.read(0, file.size());
    let at = 0;
    let sequence = 0;
    while (at < bytes.length) {
      const found = unframe(bytes, at);
      if (found === undefined || found.sequence !== sequence) break;
      record(found.payload);
      at += HEADER + found.payload.length;
      sequence++;
    }
    if (at < bytes.length) {
      // Only the last record can be torn: a sound one behind it says that this one was once sound too.
      for (let later = at; later + HEADER <= bytes.length; later++) {
        if (unframe(bytes, later) !== undefined) throw new CorruptState(path, at, 'a damaged record before sound ones');
      }
      await file.truncate(at);
      await file.sync();
    }
    return new Journal(file, at, sequence);
  }

  /** Visible only when it resolves; durable after `sync`. After a failure the next record takes its place. */
  async append(payload: Uint8Array): Promise<void> {
    const bytes = frame(this.#sequence, payload);
    await this.#file.write(this.#size, bytes);
    this.#size += bytes.length;
    this.#sequence = (this.#sequence + 1) >>> 0;
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
