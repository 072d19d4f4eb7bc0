/** What the storage needs of raft; `core/raft/node.ts` provides it. */
import type { Peer } from '../../raft/messages.ts';
import type { Configuration, Fsm, FsmSnapshot, SnapshotMeta, StreamLayer } from '../../raft/types.ts';

/** A running raft node. Rejections are RaftErrors with upstream's texts. */
export interface Raft {
  isLeader(): boolean;
  leader(): Peer | undefined;
  term(): number;
  commitIndex(): number;
  /** Milliseconds since the log's oldest entry was appended, where somebody measures. */
  oldestLogAge?(): number | undefined;
  /** Batches that wait for the replicated state. */
  pending?(): number;
  /** Of the log, durable or not. */
  lastIndex(): number;
  appliedIndex(): number;
  /** The latest configuration, committed or not. */
  configuration(): { readonly index: number; readonly configuration: Configuration };
  /** Resolves with what the Fsm answered for this entry. */
  apply(data: Uint8Array, extensions?: Uint8Array): Promise<unknown>;
  addVoter(id: string, address: string): Promise<unknown>;
  addNonvoter(id: string, address: string): Promise<unknown>;
  demoteVoter(id: string): Promise<unknown>;
  removeServer(id: string): Promise<unknown>;
  transferLeadership(): Promise<void>;
  /** Takes a snapshot now. Rejects with 'nothing new to snapshot'. */
  snapshot(): Promise<{ readonly meta: SnapshotMeta; readonly state: FsmSnapshot }>;
  /** Replaces the whole cluster's state by an operator's snapshot. */
  restore(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** Every gain and loss of leadership, in order. */
  onLeadership(notify: (leader: boolean) => void): void;
  shutdown(): Promise<void>;
}

/** Raft's own files, before and while it runs. */
export interface RaftFiles {
  /** Whether there is a log, a vote or a snapshot: such a node must not be bootstrapped. */
  hasState(): Promise<boolean>;
  /** Makes the first configuration the first entry of the log. */
  bootstrap(configuration: Configuration): Promise<void>;
  /** Before it runs: all that the log holds counts as committed, and the cluster is this. */
  recover(configuration: Configuration, fsm: Fsm): Promise<void>;
  start(options: { address: string; fsm: Fsm; streams: StreamLayer }): Promise<Raft>;
}
