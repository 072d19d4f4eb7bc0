/**
 * What happened inside a node, in the words of the field: the checkers' and the reports' only view of it.
 * Events are plain data; the simulator adds node, time and sequence, and folds them into the run's hash.
 */
export type TraceEvent =
  | { kind: 'raft.state'; state: 'follower' | 'pre-candidate' | 'candidate' | 'leader' | 'shutdown'; term: number }
  | { kind: 'raft.timeout'; what: 'heartbeat' | 'election' | 'lease'; term: number }
  | { kind: 'raft.vote'; candidate: string; term: number; pre: boolean; granted: boolean; reason?: string }
  | { kind: 'raft.leader'; leader: string; term: number }
  /** A log entry became durable here; `digest` covers term, type, data and extensions. */
  | { kind: 'raft.append'; index: number; term: number; digest: string }
  | { kind: 'raft.truncate'; from: number }
  | { kind: 'raft.commit'; index: number; term: number }
  /** `state` is a digest of the whole replicated state after `index`, when cheap to give. */
  | { kind: 'raft.apply'; index: number; term: number; digest: string; state?: string }
  | { kind: 'raft.snapshot'; what: 'taken' | 'sent' | 'installed'; index: number; term: number; state?: string }
  | { kind: 'raft.configuration'; index: number; servers: readonly { id: string; voter: boolean }[] }
  | { kind: 'node.state'; state: 'uninitialised' | 'sealed' | 'standby' | 'active' }
  /** Standby reads became possible, or stopped being so. */
  | { kind: 'node.reads'; enabled: boolean }
  /** A physical write reached the storage of a node (not an apply from the leader). */
  | { kind: 'storage.write'; key: string; active: boolean }
  | { kind: 'storage.invalidate'; keys: number; index: number }
  | { kind: 'barrier.encrypt'; term: number; nonce: string }
  | { kind: 'barrier.rotate'; term: number }
  | { kind: 'http.request'; id: number; method: string; path: string }
  | { kind: 'http.response'; id: number; status: number; sealed: boolean }
  | { kind: 'token.revoked'; accessor: string }
  | { kind: 'lease'; what: 'registered' | 'renewed' | 'revoked' | 'failed' | 'restored'; id: string; expires?: number }
  | { kind: 'audit'; what: 'request' | 'response'; id: string };

export type TraceKind = TraceEvent['kind'];

/** A trace event as recorded by the world. Times are virtual micros since the start of the run. */
export interface TraceRecord {
  readonly at: number;
  readonly node: string;
  readonly event: TraceEvent;
}
