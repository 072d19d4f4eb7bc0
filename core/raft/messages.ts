/** What raft nodes say to each other, and its bytes. A connection starts with one `hello`; its sender speaks in all that follows. */
import { readConfiguration, writeConfiguration } from './configuration.ts';
import type { Configuration, Entry, EntryType } from './types.ts';
import type { WireReader, WireWriter } from './wire.ts';
import { WireError } from './wire.ts';

export interface Peer {
  readonly id: string;
  readonly address: string;
}

export interface AppendRequest {
  readonly kind: 'append';
  readonly term: number;
  readonly previousIndex: number;
  readonly previousTerm: number;
  readonly commitIndex: number;
  readonly entries: readonly Entry[];
}
export interface VoteRequest {
  readonly kind: 'vote';
  readonly term: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** The leader asked for this election: a known leader is no reason to refuse. */
  readonly transfer: boolean;
}
export interface PreVoteRequest {
  readonly kind: 'pre-vote';
  readonly term: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
}
/** `size` bytes follow in chunk messages. */
export interface InstallRequest {
  readonly kind: 'install';
  readonly term: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly configuration: Configuration;
  readonly configurationIndex: number;
}
export interface TimeoutNowRequest {
  readonly kind: 'timeout-now';
}
export type Request = AppendRequest | VoteRequest | PreVoteRequest | InstallRequest | TimeoutNowRequest;

export interface AppendResponse {
  readonly kind: 'append';
  readonly term: number;
  readonly lastIndex: number;
  readonly success: boolean;
  readonly noRetryBackoff: boolean;
}
export interface VoteResponse {
  readonly kind: 'vote' | 'pre-vote';
  readonly term: number;
  readonly granted: boolean;
}
export interface InstallResponse {
  readonly kind: 'install';
  readonly term: number;
  readonly success: boolean;
}
export interface TimeoutNowResponse {
  readonly kind: 'timeout-now';
}
export interface ErrorResponse {
  readonly kind: 'error';
  readonly message: string;
}
export type Response = AppendResponse | VoteResponse | InstallResponse | TimeoutNowResponse | ErrorResponse;

/** The pieces of a snapshot between an install request and its response. */
export type Chunk = { readonly kind: 'chunk'; readonly bytes: Uint8Array } | { readonly kind: 'end' };
export type Hello = Peer & { readonly kind: 'hello' };

/** Carries no log position, so that the receiver can answer it beside its main loop. */
export const isHeartbeat = (request: AppendRequest): boolean =>
  request.term !== 0 &&
  request.previousIndex === 0 &&
  request.previousTerm === 0 &&
  request.commitIndex === 0 &&
  request.entries.length === 0;

const entryTypes: readonly EntryType[] = ['command', 'noop', 'barrier', 'configuration'];

export function writeEntry(writer: WireWriter, entry: Entry): void {
  writer.number(entry.index);
  writer.number(entry.term);
  writer.byte(entryTypes.indexOf(entry.type));
  writer.bytes(entry.data);
  writer.bytes(entry.extensions);
}

/** Data and extensions are views into what is read. */
export function readEntry(reader: WireReader): Entry {
  const index = reader.number();
  const term = reader.number();
  const type = entryTypes[reader.byte()];
  if (type === undefined) throw new WireError('unknown entry type');
  return { index, term, type, data: reader.bytes(), extensions: reader.bytes() };
}

export function writeRequest(writer: WireWriter, message: Request | Chunk | Hello): void {
  switch (message.kind) {
    case 'append':
      writer.byte(1);
      writer.number(message.term);
      writer.number(message.previousIndex);
      writer.number(message.previousTerm);
      writer.number(message.commitIndex);
      writer.number(message.entries.length);
      for (const entry of message.entries) writeEntry(writer, entry);
      return;
    case 'vote':
    case 'pre-vote':
      writer.byte(message.kind === 'vote' ? 2 : 3);
      writer.number(message.term);
      writer.number(message.lastIndex);
      writer.number(message.lastTerm);
      if (message.kind === 'vote') writer.byte(message.transfer ? 1 : 0);
      return;
    case 'install':
      writer.byte(4);
      writer.number(message.term);
      writer.number(message.lastIndex);
      writer.number(message.lastTerm);
      writeConfiguration(writer, message.configuration);
      writer.number(message.configurationIndex);
      return;
    case 'timeout-now':
      writer.byte(5);
      return;
    case 'chunk':
      writer.byte(6);
      writer.bytes(message.bytes);
      return;
    case 'end':
      writer.byte(7);
      return;
    case 'hello':
      writer.byte(8);
      writer.text(message.id);
      writer.text(message.address);
      return;
  }
}

/** Throws WireError. */
export function readRequest(reader: WireReader): Request | Chunk | Hello {
  const kind = reader.byte();
  switch (kind) {
    case 1: {
      const term = reader.number();
      const previousIndex = reader.number();
      const previousTerm = reader.number();
      const commitIndex = reader.number();
      const entries: Entry[] = [];
      for (let count = reader.number(); count > 0; count--) entries.push(readEntry(reader));
      return { kind: 'append', term, previousIndex, previousTerm, commitIndex, entries };
    }
    case 2: {
      const ballot = readBallot(reader);
      return { kind: 'vote', ...ballot, transfer: reader.byte() === 1 };
    }
    case 3:
      return { kind: 'pre-vote', ...readBallot(reader) };
    case 4: {
      const ballot = readBallot(reader);
      const configuration = readConfiguration(reader);
      return { kind: 'install', ...ballot, configuration, configurationIndex: reader.number() };
    }
    case 5:
      return { kind: 'timeout-now' };
    case 6:
      return { kind: 'chunk', bytes: reader.bytes() };
    case 7:
      return { kind: 'end' };
    case 8:
      return { kind: 'hello', id: reader.text(), address: reader.text() };
    default:
      throw new WireError(`unknown rpc type ${kind}`);
  }
}

const readBallot = (reader: WireReader): { term: number; lastIndex: number; lastTerm: number } => ({
  term: reader.number(),
  lastIndex: reader.number(),
  lastTerm: reader.number(),
});

export function writeResponse(writer: WireWriter, message: Response): void {
  switch (message.kind) {
    case 'append':
      writer.byte(1);
      writer.number(message.term);
      writer.number(message.lastIndex);
      writer.byte((message.success ? 1 : 0) | (message.noRetryBackoff ? 2 : 0));
      return;
    case 'vote':
    case 'pre-vote':
      writer.byte(message.kind === 'vote' ? 2 : 3);
      writer.number(message.term);
      writer.byte(message.granted ? 1 : 0);
      return;
    case 'install':
      writer.byte(4);
      writer.number(message.term);
      writer.byte(message.success ? 1 : 0);
      return;
    case 'timeout-now':
      writer.byte(5);
      return;
    case 'error':
      writer.byte(0);
      writer.text(message.message);
      return;
  }
}

/** Throws WireError. */
export function readResponse(reader: WireReader): Response {
  const kind = reader.byte();
  switch (kind) {
    case 0:
      return { kind: 'error', message: reader.text() };
    case 1: {
      const term = reader.number();
      const lastIndex = reader.number();
      const flags = reader.byte();
      return { kind: 'append', term, lastIndex, success: (flags & 1) !== 0, noRetryBackoff: (flags & 2) !== 0 };
    }
    case 2:
    case 3:
      return { kind: kind === 2 ? 'vote' : 'pre-vote', term: reader.number(), granted: reader.byte() === 1 };
    case 4:
      return { kind: 'install', term: reader.number(), success: reader.byte() === 1 };
    case 5:
      return { kind: 'timeout-now' };
    default:
      throw new WireError(`unknown response type ${kind}`);
  }
}
