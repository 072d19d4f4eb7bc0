/**
 * Log and stable store of a node on its disk: segments of frames, each commit synced by itself and in order. (Upstream
 * keeps both in one bbolt file, where each commit is a transaction with its own fsyncs.)
 */
import { type Disk, DiskError, type DiskFile } from '../runtime.ts';
import { Ballast, isFull } from './ballast.ts';
import type { LogRecord } from './effects.ts';
import type { Checkpoint } from './wal-frame.ts';
import { encodeFrame, writeRecord } from './wal-frame.ts';
import type { WalRecord } from './wal-frame.ts';
import { recover } from './wal-recovery.ts';
import type { Recovery, Segment, WalContents } from './wal-recovery.ts';
import { WireWriter } from './wire.ts';

export interface WalOptions {
  /** A new segment is begun when one is larger. Bytes. */
  readonly segmentSize?: number;
  /** How often a commit syncs: bbolt does so for the pages and again for the meta page. */
  readonly syncs?: number;
}

const DEFAULT_SEGMENT = 4 << 20;

export class Wal {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #ballast: Ballast;
  readonly #segmentSize: number;
  readonly #syncs: number;
  readonly #writer = new WireWriter();
  #segments: Segment[];
  #file: DiskFile | undefined;
  #end: number;
  #sequence: number;
  #state: Omit<Checkpoint, 'kind'>;
  #tail: Promise<void> = Promise.resolve();
  #poisoned: Error | undefined;
  #closed = false;

  private constructor(disk: Disk, folder: string, options: WalOptions, found: Recovery) {
    this.#disk = disk;
    this.#folder = folder;
    this.#ballast = new Ballast(disk, `${folder}/ballast`);
    this.#segmentSize = options.segmentSize ?? DEFAULT_SEGMENT;
    this.#syncs = options.syncs ?? 1;
    this.#segments = found.segments;
    this.#end = found.end;
    this.#sequence = found.sequence;
    const { log, term, voteTerm, voteCandidate } = found.contents;
    this.#state = { term, voteTerm, voteCandidate, baseIndex: log.base.index, baseTerm: log.base.term };
  }

  /** Reads what is there, cuts off what an interrupted write left. Rejects with CorruptLog. */
  static async open(
    disk: Disk,
    folder: string,
    options: WalOptions = {},
  ): Promise<{ wal: Wal; contents: WalContents }> {
    const found = await recover(disk, folder);
    const wal = new Wal(disk, folder, options, found);
    await wal.#ballast.lay();
    const current = found.segments.at(-1);
    if (current !== undefined) {
      const file = await disk.open(current.path, { create: false });
      if (file.size() > found.end) {
        await file.truncate(found.end);
        await file.sync();
      }
      wal.#file = file;
      // Whoever began it may have been killed before its name was durable, and nothing else would make it so.
      if (found.begun) await disk.syncFolder(folder);
    }
    return { wal, contents: found.contents };
  }

  /** Resolves when the record is durable. Records become durable in the order of the calls. */
  commit(record: LogRecord): Promise<void> {
    const written = this.#tail.then(() => this.#commit(record));
    this.#tail = written.catch(() => {});
    return written;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail;
    await this.#file?.close();
  }

  async #commit(record: LogRecord): Promise<void> {
    if (this.#closed) throw new Error('database not open');
    if (this.#poisoned !== undefined) throw this.#poisoned;
    if (record.kind === 'entries') {
      if (!(await this.#ballast.lay())) throw new DiskError('full', `write ${this.#folder}: no space left on device`);
      await this.#append(record);
    } else await this.#appendAnyhow(record);
    this.#note(record);
    if (record.kind === 'compact' || record.kind === 'reset') await this.#dropOld();
  }

  async #append(record: LogRecord): Promise<void> {
    if (this.#file === undefined || this.#end >= this.#segmentSize) await this.#rotate();
    await this.#write(record);
  }

  /** Without its term or its vote a node could not go on. */
  async #appendAnyhow(record: LogRecord): Promise<void> {
    try {
      await this.#append(record);
    } catch (error) {
      if (!isFull(error) || !(await this.#ballast.drop())) throw error;
      await this.#append(record);
    }
  }

  async #write(record: WalRecord): Promise<void> {
    const file = this.#file!;
    this.#writer.clear();
    writeRecord(this.#writer, record);
    const frame = encodeFrame(this.#sequence, this.#writer.view());
    try {
      await file.write(this.#end, frame);
      for (let sync = 0; sync < this.#syncs; sync++) await file.sync();
    } catch (error) {
      await this.#undo(file, error);
      throw error;
    }
    this.#sequence++;
    this.#end += frame.length;
  }

  /** What failed must not come back after a restart; if that cannot be had either, nothing more is written. */
  async #undo(file: DiskFile, cause: unknown): Promise<void> {
    try {
      await file.truncate(this.#end);
    } catch {
      this.#poisoned = cause instanceof Error ? cause : new Error(String(cause));
    }
  }

  #note(record: LogRecord): void {
    switch (record.kind) {
      case 'entries':
        this.#segments.at(-1)!.last = Math.max(this.#segments.at(-1)!.last, record.entries.at(-1)?.index ?? 0);
        return;
      case 'compact':
        this.#state = { ...this.#state, baseIndex: record.to, baseTerm: record.term };
        return;
      case 'reset':
        this.#state = { ...this.#state, baseIndex: record.index, baseTerm: record.term };
        for (const segment of this.#segments) segment.last = 0;
        return;
      case 'term':
        this.#state = { ...this.#state, term: record.term };
        return;
      case 'vote-term':
        this.#state = { ...this.#state, voteTerm: record.term };
        return;
      case 'vote-candidate':
        this.#state = { ...this.#state, voteCandidate: record.candidate };
        return;
      case 'truncate':
        return;
    }
  }

  async #rotate(): Promise<void> {
    const path = `${this.#folder}/${String(this.#sequence).padStart(12, '0')}.wal`;
    const before = this.#file;
    const endBefore = this.#end;
    this.#file = await this.#disk.open(path, { create: true, mode: 0o600 });
    this.#end = 0;
    try {
      await this.#write({ kind: 'checkpoint', ...this.#state });
    } catch (error) {
      const begun = this.#file;
      this.#file = before;
      this.#end = endBefore;
      await begun.close();
      throw error;
    }
    await this.#disk.syncFolder(this.#folder);
    this.#segments.push({ path, last: 0 });
    await before?.close();
  }

  /** Segments go from the front when nothing in them is needed any more. */
  async #dropOld(): Promise<void> {
    let dropped = false;
    while (this.#segments.length > 1 && this.#segments[0]!.last <= this.#state.baseIndex) {
      await this.#disk.remove(this.#segments.shift()!.path);
      dropped = true;
    }
    if (dropped) await this.#disk.syncFolder(this.#folder);
  }
}
