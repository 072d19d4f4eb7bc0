/**
 * A file of checksummed records, each written whole or not at all. What a crash leaves of those that were not synced
 * yet is cut off when the file is opened; damage anywhere else is refused. To tell the two apart each record says how
 * many of those before it had been synced when it was written.
 *
 * Record: magic u32 | sequence u32 | synced u32 | length u32 | CRC-32 u32 of sequence, synced, length, payload |
 * payload.
 */
import { readUint32, writeUint32 } from '../../codec/bytes.ts';
import { crc32 } from '../../codec/crc32.ts';
import { shortLived } from '../../codec/slab.ts';
import type { Disk, DiskFile } from '../../runtime.ts';

const MAGIC = 0x53544d53;
const HEADER = 20;

/** The file is not what was written; nothing is read from it. */
export class CorruptState extends Error {
  constructor(path: string, offset: number, what: string) {
    super(`${path} is corrupt at byte ${offset}: ${what}`);
    this.name = 'CorruptState';
  }
}

interface Framed {
  readonly sequence: number;
  /** All records with a lower sequence were durable. */
  readonly synced: number;
  readonly payload: Uint8Array;
}

function frame({ sequence, synced, payload }: Framed): Uint8Array {
  const bytes = shortLived(HEADER + payload.length);
  writeUint32(bytes, 0, MAGIC);
  writeUint32(bytes, 4, sequence);
  writeUint32(bytes, 8, synced);
  writeUint32(bytes, 12, payload.length);
  bytes.set(payload, HEADER);
  writeUint32(bytes, 16, crc32(payload, crc32(bytes.subarray(4, 16))));
  return bytes;
}

/** The whole and sound record at `at`, or undefined. */
function unframe(bytes: Uint8Array, at: number): Framed | undefined {
  if (at + HEADER > bytes.length || readUint32(bytes, at) !== MAGIC) return undefined;
  const end = at + HEADER + readUint32(bytes, at + 12);
  if (end > bytes.length) return undefined;
  const payload = bytes.subarray(at + HEADER, end);
  if (crc32(payload, crc32(bytes.subarray(at + 4, at + 16))) !== readUint32(bytes, at + 16)) return undefined;
  return { sequence: readUint32(bytes, at + 4), synced: readUint32(bytes, at + 8), payload };
}

export class Journal {
  readonly #file: DiskFile;
  #size: number;
  #sequence: number;
  #synced: number;

  private constructor(file: DiskFile, size: number, sequence: number, synced: number) {
    this.#file = file;
    this.#size = size;
    this.#sequence = sequence;
    this.#synced = synced;
  }

  /** Bytes of whole records. */
  get size(): number {
    return this.#size;
  }

  /** An empty journal at `path`; what was there is gone. */
  static async create(disk: Disk, path: string): Promise<Journal> {
    const file = await disk.open(path, { create: true, mode: 0o600 });
    await file.truncate(0);
    return new Journal(file, 0, 0, 0);
  }

  /** Reads all records of the file, which exists, and goes on behind them. Rejects with CorruptState. */
  static async open(disk: Disk, path: string, record: (payload: Uint8Array) => void): Promise<Journal> {
    const file = await disk.open(path, { create: false });
    const bytes = await file.read(0, file.size());
    let at = 0;
    let sequence = 0;
    // What a killed process had written may still wait for its sync.
    let synced = 0;
    while (at < bytes.length) {
      const found = unframe(bytes, at);
      if (found === undefined || found.sequence !== sequence) break;
      record(found.payload);
      synced = found.synced;
      at += HEADER + found.payload.length;
      sequence++;
    }
    if (at < bytes.length) {
      for (let later = at; later + HEADER <= bytes.length; later++) {
        if ((unframe(bytes, later)?.synced ?? 0) > sequence)
          throw new CorruptState(path, at, 'a damaged record before sound ones');
      }
      await file.truncate(at);
      await file.sync();
      synced = sequence;
    }
    return new Journal(file, at, sequence, synced);
  }

  /**
   * Visible only when it resolves; durable, with all before it, after at least one sync. Where the write fails, the
   * next record takes its place.
   */
  async append(payload: Uint8Array, syncs: number): Promise<void> {
    const bytes = frame({ sequence: this.#sequence, synced: this.#synced, payload });
    await this.#file.write(this.#size, bytes);
    this.#size += bytes.length;
    this.#sequence++;
    for (let sync = 0; sync < syncs; sync++) {
      const sequence = this.#sequence;
      await this.#file.sync();
      this.#synced = sequence;
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
