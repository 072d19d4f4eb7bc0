/**
 * What happened inside a node, in the words of the field: the checkers' and the reports' only view of it.
 * Events are plain data; the simulator adds node, time and sequence, and folds them into the run's hash.
 */
import type { LogLevel } from './runtime.ts';

export type TraceEvent =
  | { kind: 'raft.state'; state: 'follower' | 'pre-candidate' | 'candidate' | 'leader' | 'shutdown'; term: number }
  | { kind: 'raft.timeout'; what: 'heartbeat' | 'election' | 'lease'; term: number }
  | { kind: 'raft.vote'; candidate: string; term: number; pre: boolean; granted: boolean; reason?: string }
  | { kind: 'raft.leader'; leader: string; term: number }
  /** A log entry became durable here; `digest` covers term, type, data and extensions. */
  | { kind: 'raft.append'; index: number; term: number; digest: string }
  | { kind: 'raft.truncate'; from: number }
  /**
   * Raft starts from what the disk gave back: the log goes from after `base` to `last` (its entries were told as
   * appended just before), the state up to `applied`; `candidate` had this node's vote in `voteTerm`.
   */
  | {
      kind: 'raft.recovered';
      base: number;
      last: number;
      applied: number;
      term: number;
      voteTerm: number;
      candidate?: string;
    }
  | { kind: 'raft.commit'; index: number; term: number }
  /** `state` is a digest of the whole replicated state after `index`, when cheap to give. */
  | { kind: 'raft.apply'; index: number; term: number; digest: string; state?: string }
  | { kind: 'raft.snapshot'; what: 'taken' | 'sent' | 'installed'; index: number; term: number; state?: string }
  | { kind: 'raft.configuration'; index: number; servers: readonly { id: string; voter: boolean }[] }
  /** A peer did not take what came after \`next\` - 1 of ours; from here we go on. */
  | { kind: 'raft.rejected'; peer: string; next: number; term: number }
  /** A leader whose log ends with \`index\` tells a peer to stand for election at once. */
  | { kind: 'raft.transfer'; target: string; index: number; term: number }
  /** A process begins: it holds no keys. */
  | { kind: 'node.start' }
  /** A barrier took its first key into memory, or has none there any more. */
  | { kind: 'barrier.keys'; held: boolean; realm?: string }
  | { kind: 'node.state'; state: 'uninitialised' | 'sealed' | 'standby' | 'active' }
  /** Standby reads became possible, or stopped being so. */
  | { kind: 'node.reads'; enabled: boolean }
  /** A node begins a physical write of its own (not an apply from the leader); `active`: it leads the storage. */
  | { kind: 'storage.write'; key: string; active: boolean }
  | { kind: 'storage.invalidate'; keys: number; index: number }
  /** Term 0 stands for the root key; `realm` is the prefix of a namespace with keys of its own. */
  | { kind: 'barrier.encrypt'; term: number; nonce: string; realm?: string }
  | { kind: 'barrier.rotate'; term: number; realm?: string }
  | { kind: 'http.request'; id: number; method: string; path: string }
  | { kind: 'http.response'; id: number; status: number; sealed: boolean }
  /** A request named an index that this node had not come to; what became of it. */
  | { kind: 'http.index'; outcome: 'reached' | 'forwarded' | 'refused' }
  /** `name` is what its entry is stored under. */
  | { kind: 'token.revoked'; accessor: string; name: string }
  | { kind: 'lease'; what: 'registered' | 'renewed' | 'revoked' | 'failed' | 'restored'; id: string; expires?: number }
  | { kind: 'audit'; what: 'request' | 'response'; id: string };

export type TraceKind = TraceEvent['kind'];

/** A trace event as recorded by the world. Times are virtual micros since the start of the run. */
export interface TraceRecord {
  readonly at: number;
  readonly node: string;
  readonly event: TraceEvent;
}

/** A client's operation, as the client saw it. `unknown`: no answer, so it may or may not have happened. */
export interface OperationRecord {
  readonly client: string;
  readonly kind: string;
  readonly invoked: number;
  /** Undefined while no answer came before the run ended. */
  readonly returned?: number;
  readonly outcome: 'ok' | 'failed' | 'unknown';
  readonly note?: string;
}

/** Something done to the world by the story. Instant faults have no `until`. */
export interface FaultRecord {
  readonly what: string;
  readonly at: number;
  until?: number;
  readonly nodes: readonly string[];
  /** Of those that a run can be played without. */
  readonly number?: number;
}

export interface ViolationRecord {
  readonly checker: string;
  readonly at: number;
  readonly message: string;
}

/** A line a node logged, in upstream's wording. */
export interface LogRecord {
  readonly at: number;
  readonly node: string;
  readonly level: LogLevel;
  readonly name: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** How busy a node's cores were, or those of the machine that several nodes share. */
export interface LoadRecord {
  readonly nodes: readonly string[];
  readonly cores: number;
  /** How long a slice is; the first begins with the run. */
  readonly slice: number;
  /** Core-micros worked in each slice. */
  readonly busy: readonly number[];
}

/** All that a report is made of. Times are virtual micros since the start of the run. */
export interface RunRecord {
  readonly scenario: string;
  readonly seed: number;
  readonly verdict: 'passed' | 'failed';
  readonly hash: string;
  readonly duration: number;
  readonly wallMs: number;
  readonly events: number;
  readonly nodes: readonly string[];
  readonly trace: readonly TraceRecord[];
  readonly operations: readonly OperationRecord[];
  readonly faults: readonly FaultRecord[];
  readonly violations: readonly ViolationRecord[];
  readonly loads: readonly LoadRecord[];
  readonly logs: readonly LogRecord[];
  /** The command line that runs exactly this again. */
  readonly reproduce: string;
}
