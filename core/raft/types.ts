/** The shapes shared by the raft state machine, its driver and what is replicated through it. */
import type { Connection } from '../runtime.ts';
import type { Micros } from '../runtime.ts';

export type EntryType = 'command' | 'noop' | 'configuration' | 'barrier';

export interface Entry {
  readonly index: number;
  readonly term: number;
  readonly type: EntryType;
  readonly data: Uint8Array;
  /** Chunking information beside the data (hashicorp/raft's Extensions). */
  readonly extensions: Uint8Array;
}

export interface Server {
  readonly id: string;
  /** Cluster address, host:port. */
  readonly address: string;
  readonly suffrage: 'voter' | 'nonvoter';
}

export interface Configuration {
  readonly servers: readonly Server[];
}

/** What is replicated. The driver calls it on the FSM lane: never two calls at a time. */
export interface Fsm {
  /** Committed commands (and configurations, whose result is ignored) in order, one call per batch; a result for each. */
  apply(entries: readonly Entry[]): Promise<readonly unknown[]>;
  /** What the state already holds: entries up to here are not applied again after a restart. */
  applied(): { readonly index: number; readonly term: number };
  /** A consistent picture of the state as of now; `read` may run while later entries are applied. */
  snapshot(): Promise<FsmSnapshot>;
  /** A digest of the whole state as of `applied`, for traces. Cheap. Undefined when the state is ahead of that. */
  digest?(): string | undefined;
  /** Replaces the whole state by a snapshot's. */
  restore(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void>;
}

export interface FsmSnapshot {
  read(): AsyncIterable<Uint8Array>;
  release(): void;
}

export interface SnapshotMeta {
  readonly index: number;
  readonly term: number;
  readonly configuration: Configuration;
  readonly configurationIndex: number;
  /** Bytes; 0 where unknown. */
  readonly size: number;
}

/** How raft reaches its peers: the cluster listener under its raft protocol name. */
export interface StreamLayer {
  dial(address: string, timeout: Micros): Promise<Connection>;
  accept(handle: (connection: Connection) => void): void;
}

/** hashicorp/raft's configuration in OpenBao's terms; times before the multiplier. */
export interface RaftOptions {
  readonly id: string;
  readonly address: string;
  /** Multiplies heartbeat, election and lease times. Default 5. */
  readonly performanceMultiplier: number;
  /** Default 10240. */
  readonly trailingLogs: number;
  /** Default 8192. */
  readonly snapshotThreshold: number;
  /** Default 120 s. */
  readonly snapshotInterval: Micros;
  /**
   * What heartbeat and election times are multiplied with until the node has settled: 3 by default; 1 for the first
   * node of a new cluster while it has no network yet.
   */
  readonly startFactor?: number;
}
