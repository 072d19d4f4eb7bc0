/**
 * The border of the raft machine. What happens is told to it by its methods; what it wants done it says through
 * `Effects`, whose implementation must return at once and never call back synchronously.
 */
import type { LogLevel, Micros } from '../runtime.ts';
import type { TraceEvent } from '../trace.ts';
import type { RaftError } from './errors.ts';
import type { Peer, Request, Response } from './messages.ts';
import type { Entry, SnapshotMeta } from './types.ts';

/** One durable change of the log or the stable store: upstream makes a transaction with its own fsync of each. */
export type LogRecord =
  | { readonly kind: 'entries'; readonly entries: readonly Entry[] }
  | { readonly kind: 'truncate'; readonly from: number }
  | { readonly kind: 'compact'; readonly to: number; readonly term: number }
  | { readonly kind: 'reset'; readonly index: number; readonly term: number }
  | { readonly kind: 'term'; readonly term: number }
  | { readonly kind: 'vote-term'; readonly term: number }
  | { readonly kind: 'vote-candidate'; readonly candidate: string };

/** What the replicated state is as of a snapshot, without the state. */
export type SnapshotHead = Omit<SnapshotMeta, 'size'>;

/** Whose snapshot it is that becomes the state. */
export type SnapshotSource = 'leader' | 'user';

export interface Effects {
  /** For the node's metrics. */
  sample?(name: string, value: number): void;
  gauge?(name: string, value: number): void;

  /** Make it durable, then `resume(error?)`. The main loop stands still meanwhile. */
  commit(record: LogRecord): void;
  /** Like `commit`, for the snapshot lane; then `snapshots.compacted(error?)`. */
  compact(record: LogRecord): void;
  /** Remember what the state covers, then `snapshots.headStored(error?)`. */
  storeHead(head: SnapshotHead): void;

  /** One request on a pooled connection, then `answered(call, response)` or `failed(call, message)`. */
  call(call: number, to: Peer, request: Request): void;
  /** Take a picture of the state and say `state.pictured`; send it to a peer, then `answered` or `failed`. */
  sendSnapshot(call: number, to: Peer, term: number, head: SnapshotHead): void;
  /** Then `answered` with 'opened', or `failed`. */
  openPipeline(call: number, lane: number, to: Peer): void;
  /** Then, in order, `piped`; an undefined response stands for a broken connection. */
  pipelineSend(lane: number, request: Request): void;
  closePipeline(lane: number): void;
  respond(rpc: number, response: Response): void;
  /** Take the chunks that follow an install request, then `resume(error?)`. */
  receiveSnapshot(rpc: number): void;
  /** Read the chunks that follow an install request to their end all the same, then `resume`. */
  discardSnapshot(rpc: number): void;

  /** Replaces what the timer was armed for; then `fired(timer)`. */
  arm(timer: number, delay: Micros): void;
  disarm(timer: number): void;

  /** Hand entries to the replicated state, then `state.applied(results)`. */
  apply(entries: readonly Entry[]): void;
  /** Replace the replicated state by the received snapshot, or by the user's; then `state.restored(error?)`. */
  restore(head: SnapshotHead, source: SnapshotSource): void;
  /** Take a picture of the state, say `state.pictured`, and give it to whoever waits. */
  picture(future: number, head: SnapshotHead): void;

  resolve(future: number, index: number, result: unknown): void;
  reject(future: number, error: RaftError): void;
  leadership(leader: boolean): void;
  /** The leader has been removed from the cluster, and stops. */
  removed(): void;
  /** The node cannot go on: upstream panics. */
  panic(message: string): void;
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
  trace(event: TraceEvent): void;
  /** Nobody wants to hear of each entry. */
  readonly unwatched?: boolean;
}

/** Time and chance, as the machine sees them. */
export interface Surroundings {
  now(): Micros;
  /** A uniform integer in [0, bound). */
  below(bound: number): number;
}
