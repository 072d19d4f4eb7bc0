/**
 * How the log lies on disk: one frame a commit. Magic, sequence number, length and checksum make it certain whether a
 * broken frame is the end of an interrupted write or damage in the middle of what was safe.
 */
import { readUint32, writeUint32 } from '../codec/bytes.ts';
import { crc32 } from '../codec/crc32.ts';
import { shortLived } from '../codec/slab.ts';
import { readEntry, writeEntry } from './messages.ts';
import type { LogRecord } from './effects.ts';
import type { Entry } from './types.ts';
import type { WireReader, WireWriter } from './wire.ts';
import { WireError } from './wire.ts';

/** What a segment starts with: all that earlier segments may no longer be there to tell. */
export interface Checkpoint {
  readonly kind: 'checkpoint';
  readonly term: number;
  readonly voteTerm: number;
  readonly voteCandidate: string;
  readonly baseIndex: number;
  readonly baseTerm: number;
}

export type WalRecord = LogRecord | Checkpoint;

const MAGIC = 0x57a1f0e5;
const HEADER = 16;

export interface Frame {
  readonly sequence: number;
  readonly payload: Uint8Array;
  /** Where the next frame starts. */
  readonly end: number;
}

export function encodeFrame(sequence: number, payload: Uint8Array): Uint8Array {
  const frame = shortLived(HEADER + payload.length);
  writeUint32(frame, 0, MAGIC);
  writeUint32(frame, 4, sequence);
  writeUint32(frame, 8, payload.length);
  frame.set(payload, HEADER);
  writeUint32(frame, 12, crc32(payload, crc32(frame.subarray(4, 12))));
  return frame;
}

/** Undefined where there is no whole, sound frame. */
export function decodeFrame(bytes: Uint8Array, at: number): Frame | undefined {
  if (at + HEADER > bytes.length || readUint32(bytes, at) !== MAGIC) return undefined;
  const end = at + HEADER + readUint32(bytes, at + 8);
  if (end > bytes.length) return undefined;
  const payload = bytes.subarray(at + HEADER, end);
  if (crc32(payload, crc32(bytes.subarray(at + 4, at + 12))) !== readUint32(bytes, at + 12)) return undefined;
  return { sequence: readUint32(bytes, at + 4), payload, end };
}

/** Whether a sound frame later than `sequence` lies somewhere behind `at`: then what is at `at` was damaged. */
export function laterFrame(bytes: Uint8Array, at: number, sequence: number): boolean {
  for (let start = at + 1; start + HEADER <= bytes.length; start++) {
    const frame = decodeFrame(bytes, start);
    if (frame !== undefined && frame.sequence > sequence) return true;
  }
  return false;
}

export function writeRecord(writer: WireWriter, record: WalRecord): void {
  switch (record.kind) {
    case 'entries':
      writer.byte(1);
      writer.number(record.entries.length);
      for (const entry of record.entries) writeEntry(writer, entry);
      return;
    case 'truncate':
      writer.byte(2);
      writer.number(record.from);
      return;
    case 'compact':
      writer.byte(3);
      writer.number(record.to);
      writer.number(record.term);
      return;
    case 'reset':
      writer.byte(4);
      writer.number(record.index);
      writer.number(record.term);
      return;
    case 'term':
      writer.byte(5);
      writer.number(record.term);
      return;
    case 'vote-term':
      writer.byte(6);
      writer.number(record.term);
      return;
    case 'vote-candidate':
      writer.byte(7);
      writer.text(record.candidate);
      return;
    case 'checkpoint':
      writer.byte(8);
      writer.number(record.term);
      writer.number(record.voteTerm);
      writer.text(record.voteCandidate);
      writer.number(record.baseIndex);
      writer.number(record.baseTerm);
      return;
  }
}

/** Throws WireError. */
export function readRecord(reader: WireReader): WalRecord {
  const kind = reader.byte();
  switch (kind) {
    case 1: {
      const entries: Entry[] = [];
      for (let count = reader.number(); count > 0; count--) entries.push(readEntry(reader));
      return { kind: 'entries', entries };
    }
    case 2:
      return { kind: 'truncate', from: reader.number() };
    case 3:
      return { kind: 'compact', to: reader.number(), term: reader.number() };
    case 4:
      return { kind: 'reset', index: reader.number(), term: reader.number() };
    case 5:
      return { kind: 'term', term: reader.number() };
    case 6:
      return { kind: 'vote-term', term: reader.number() };
    case 7:
      return { kind: 'vote-candidate', candidate: reader.text() };
    case 8: {
      const term = reader.number();
      const voteTerm = reader.number();
      const voteCandidate = reader.text();
      return {
        kind: 'checkpoint',
        term,
        voteTerm,
        voteCandidate,
        baseIndex: reader.number(),
        baseTerm: reader.number(),
      };
    }
    default:
      throw new WireError(`unknown log record ${kind}`);
  }
}
