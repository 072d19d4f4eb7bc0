/**
 * Log and stable store of a node on its disk: segments of frames, each commit synced by itself and in order. (Upstream
 * keeps both in one bbolt file, where each commit is a transaction with its own fsyncs.)
 */
import type { Disk, DiskFile } from '../runtime.ts';
import type { LogRecord } from './effects.ts';
import { Log } from './log.ts';
import type { Checkpoint } from './wal-frame.ts';
import { decodeFrame, encodeFrame, laterFrame, readRecord, writeRecord } from './wal-frame.ts';
import type { WalRecord } from './wal-frame.ts';
import { WireError, WireReader, WireWriter } from './wire.ts';

/** The files do not hold what a log must hold; nothing was changed. */
export class CorruptLog extends Error {
  constructor(path: string, offset: number, what: string) {
    super(`raft log ${path} is corrupt at offset ${offset}: ${what}`);
    this.name = 'CorruptLog';
  }
}

/** What the records add up to. */
export interface WalContents {
  log: Log;
  term: number;
  voteTerm: number;
  voteCandidate: string;
}

export interface WalOptions {
  /** A new segment is begun when one is larger. Bytes. */
  readonly segmentSize?: number;
  /** How often a commit syncs: bbolt does so for the pages and again for the meta page. */
  readonly syncs?: number;
}

interface Segment {
  readonly path: string;
  /** The highest index of an entry in it. */
  last: number;
}

const DEFAULT_SEGMENT = 4 << 20;

export class Wal {
  readonly #disk: Disk;
  readonly #folder: string;
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
    const current = found.segments.at(-1);
    if (current !== undefined) {
      const file = await disk.open(current.path, { create: false });
      if (file.size() > found.end) {
        await file.truncate(found.end);
        await file.sync();
      }
      wal.#file = file;
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
    if (this.#file === undefined || this.#end >= this.#segmentSize) await this.#rotate();
    await this.#write(record);
    this.#note(record);
    if (record.kind === 'compact' || record.kind === 'reset') await this.#dropOld();
  }

  async #write(record: WalRecord): Promise<void> {
    const file = this.#file!;
    writeRecord(this.#writer, record);
    const frame = encodeFrame(this.#sequence, this.#writer.take());
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
      this.#file = before;
      this.#end = endBefore;
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

interface Recovery {
  readonly contents: WalContents;
  readonly segments: Segment[];
  readonly end: number;
  readonly sequence: number;
}

async function recover(disk: Disk, folder: string): Promise<Recovery> {
  const names = (await disk.list(folder)).filter((name) => name.endsWith('.wal'));
  const contents: WalContents = { log: new Log(), term: 0, voteTerm: 0, voteCandidate: '' };
  const segments: Segment[] = [];
  let sequence: number | undefined;
  let end = 0;
  for (const [at, name] of names.entries()) {
    const path = `${folder}/${name}`;
    const bytes = (await disk.readFile(path)) ?? new Uint8Array(0);
    const segment: Segment = { path, last: 0 };
    let offset = 0;
    while (offset < bytes.length) {
      const frame = decodeFrame(bytes, offset);
      if (frame === undefined) {
        if (at < names.length - 1 || laterFrame(bytes, offset, sequence ?? 0)) {
          throw new CorruptLog(path, offset, 'a record fails its checksum and sound records follow');
        }
        break;
      }
      if (sequence !== undefined && frame.sequence !== sequence) {
        throw new CorruptLog(path, offset, `record ${frame.sequence} follows record ${sequence - 1}`);
      }
      replay(contents, segment, frame.payload, path, offset, sequence === undefined);
      sequence = frame.sequence + 1;
      offset = frame.end;
    }
    end = offset;
    // Not even the first record of a new segment was finished: the one before goes on.
    if (offset === 0 && at === names.length - 1) {
      await disk.remove(path);
      await disk.syncFolder(folder);
      const before = segments.at(-1);
      end = before === undefined ? 0 : ((await disk.readFile(before.path))?.length ?? 0);
      break;
    }
    segments.push(segment);
  }
  if (contents.log.base.term === UNKNOWN_TERM) {
    throw new CorruptLog(folder, 0, `entries up to ${contents.log.base.index} are missing`);
  }
  return { contents, segments, end, sequence: sequence ?? 1 };
}

/** `first`: nothing was read before. */
function replay(
  contents: WalContents,
  segment: Segment,
  payload: Uint8Array,
  path: string,
  offset: number,
  first: boolean,
): void {
  let record: WalRecord;
  try {
    record = readRecord(new WireReader(payload));
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new CorruptLog(path, offset, error.message);
  }
  const { log } = contents;
  switch (record.kind) {
    case 'entries': {
      const start = record.entries[0]?.index ?? log.lastIndex + 1;
      // The segments with the entries before are gone; a later record says up to where they were not needed.
      if (start > log.lastIndex + 1 && log.size === 0) floatTo(contents, start);
      if (start !== contents.log.lastIndex + 1) {
        throw new CorruptLog(path, offset, `entry ${start} follows entry ${contents.log.lastIndex}`);
      }
      log.append(record.entries);
      segment.last = Math.max(segment.last, log.lastIndex);
      return;
    }
    case 'truncate':
      if (record.from <= log.base.index) floatTo(contents, record.from);
      else log.truncate(record.from);
      return;
    case 'compact':
      settleBase(contents, record.to, record.term);
      return;
    case 'reset':
      log.reset({ index: record.index, term: record.term });
      return;
    case 'term':
      contents.term = record.term;
      return;
    case 'vote-term':
      contents.voteTerm = record.term;
      return;
    case 'vote-candidate':
      contents.voteCandidate = record.candidate;
      return;
    case 'checkpoint':
      contents.term = record.term;
      contents.voteTerm = record.voteTerm;
      contents.voteCandidate = record.voteCandidate;
      if (first) {
        log.reset({ index: record.baseIndex, term: record.baseTerm });
      } else {
        settleBase(contents, record.baseIndex, record.baseTerm);
      }
      return;
  }
}

const UNKNOWN_TERM = -1;

function floatTo({ log }: WalContents, first: number): void {
  log.reset({ index: first - 1, term: UNKNOWN_TERM });
}

function settleBase(contents: WalContents, index: number, term: number): void {
  const { log } = contents;
  if (index < log.base.index) return;
  if (index > log.base.index && index <= log.lastIndex) log.compact(index);
  else if (index > log.lastIndex || log.size === 0) log.reset({ index, term });
  else if (log.base.term !== term) contents.log = new Log({ index, term }, log.slice(log.first, log.lastIndex) ?? []);
}
