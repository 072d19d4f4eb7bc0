/** Reading a log back from its segments: what the records add up to, and whether they can be trusted. */
import type { Disk } from '../runtime.ts';
import { Log } from './log.ts';
import { decodeFrame, laterFrame, readRecord } from './wal-frame.ts';
import type { WalRecord } from './wal-frame.ts';
import { WireError, WireReader } from './wire.ts';

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

export interface Segment {
  readonly path: string;
  /** The highest index of an entry in it. */
  last: number;
}

/** `end` is where the last sound record of the last segment ends, `sequence` the number of the next one. */
export interface Recovery {
  readonly contents: WalContents;
  readonly segments: Segment[];
  readonly end: number;
  readonly sequence: number;
  /** The last segment was only begun: its name may not be durable. */
  readonly begun: boolean;
}

/** Rejects with CorruptLog; changes nothing but an unfinished segment, which it removes. */
export async function recover(disk: Disk, folder: string): Promise<Recovery> {
  const names = (await disk.list(folder)).filter((name) => name.endsWith('.wal'));
  const contents: WalContents = { log: new Log(), term: 0, voteTerm: 0, voteCandidate: '' };
  const segments: Segment[] = [];
  let sequence: number | undefined;
  let end = 0;
  let records = 0;
  for (const [at, name] of names.entries()) {
    const path = `${folder}/${name}`;
    const bytes = (await disk.readFile(path)) ?? new Uint8Array(0);
    const segment: Segment = { path, last: 0 };
    let offset = 0;
    records = 0;
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
      records++;
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
  return { contents, segments, end, sequence: sequence ?? 1, begun: records === 1 };
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
