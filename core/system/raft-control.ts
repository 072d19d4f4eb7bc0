/** What sys/storage/raft/* asks of the raft storage. */
import type { JsonObject } from '../codec/json.ts';

export interface RaftControl {
  configuration(): Promise<{ index: number; servers: readonly RaftServerInfo[] }>;
  removePeer(id: string): Promise<void>;
  promote(id: string): Promise<void>;
  demote(id: string): Promise<void>;
  /** The challenge for a joining node and its answer (facts §2.6). */
  bootstrapChallenge(serverId: string): Promise<JsonObject>;
  bootstrapAnswer(fields: JsonObject): Promise<JsonObject>;
  /** Of this node, while its raft runs; counts. */
  figures?(): RaftFigures | undefined;
  /** Neither this nor its configuration where autopilot is disabled. */
  autopilotState(): Promise<JsonObject | undefined>;
  autopilotConfiguration(): Promise<JsonObject | undefined>;
  setAutopilotConfiguration(changes: JsonObject): Promise<void>;
  /** The archive (gzip of tar). */
  snapshot(): Promise<Uint8Array>;
  /** `force` skips the check that it is this cluster's. */
  restore(archive: Uint8Array, force: boolean): Promise<void>;
}

export interface RaftFigures {
  readonly nodeId: string;
  readonly term: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  /** Batches that wait for the replicated state. */
  readonly pending: number;
  /** Milliseconds; only of a leader. */
  readonly oldestLogAge?: number;
}

export interface RaftServerInfo {
  readonly id: string;
  readonly address: string;
  readonly leader: boolean;
  readonly voter: boolean;
  readonly protocolVersion: string;
}
