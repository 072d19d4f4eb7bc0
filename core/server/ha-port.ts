/**
 * Between a node and its high availability. The node owns its state and knows how to become active; `ha/` decides when,
 * by holding the lock, and knows the others.
 */
import type { IndexState, MaybeLater } from '../http/api.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http/message.ts';
import type { JsonValue } from '../codec/json.ts';
import type { Runtime } from '../runtime.ts';
import type { KeyHolder } from './ha/key-sync.ts';
import type { Barrier } from '../storage/barrier/barrier.ts';

export type HaFactory = (node: HaNode) => Ha;

/** The keys in storage are not what this node can go on with. */
export class KeyUpgradesFailed extends Error {
  constructor(reason: unknown) {
    super(reason instanceof Error ? reason.message : String(reason));
    this.name = 'KeyUpgradesFailed';
  }
}

/** What is done around pre-seal when a term of office ends. */
export interface LeavingOffice {
  /** Before it begins. */
  readonly first?: () => Promise<void>;
  /** Forwarded requests end. */
  readonly drain: () => Promise<void>;
  /** The advertisement goes, then the lock. */
  readonly last?: () => Promise<void>;
}

/** The node, for `ha/`. The three changes of state never overlap: each resolves when it is complete. */
export interface HaNode extends KeyHolder {
  readonly runtime: Runtime;
  readonly barrier: Barrier;
  readonly apiAddr: string;
  readonly clusterAddr: string;
  readonly version: string;
  /** The API, for requests that standbys forward. */
  readonly http: HttpHandler;
  /**
   * The lock is held: barrier writable, key upgrades, `advertise` (a write: the others may find this node), post-unseal.
   * `duties` begin when the state is there. Rejects when any of it fails (then let go), with KeyUpgradesFailed when the
   * keys do (then seal, too).
   */
  becomeActive(advertise: () => Promise<void>, duties: () => Promise<void>): Promise<void>;
  /**
   * The lock is lost or given up, while no request can start; the node is a plain standby afterwards.
   */
  becomeStandby(ways: LeavingOffice): Promise<void>;
  /** Read-only post-unseal: from now on reads are served here. Rejects when the set-up fails. */
  enableReads(): Promise<void>;
  disableReads(): Promise<void>;
  /** Keys changed in storage by the active node, in order. Rejects when the node must restart its read set-up. */
  invalidate(keys: readonly string[]): Promise<void>;
  /** Anything in storage may have changed: a snapshot was installed. */
  purge(): void;
  /** Another node (or sealing) has made this barrier useless: seal. */
  sealNow(): Promise<void>;
}

/** `ha/`, for the node. */
export interface Ha {
  /** After unseal: contend for the lock until stopped. */
  start(): Promise<void>;
  /** Before sealing: an active node gives its state up first (`becomeStandby`), then the lock. */
  stop(): Promise<void>;
  /** There is somebody to hand requests on to. */
  readonly forwards: boolean;
  stepDown(): Promise<void>;
  /** Does something to the node's state while no change of role and no request can start. */
  changing(work: () => Promise<void>): Promise<void>;
  /** What an active node does besides, with a state that has just been set up: at the start of its term, and anew. */
  takeUpDuty(): Promise<void>;
  /** Before the state goes for a while; does nothing on a standby. */
  layDownDuty(): void;
  /** Resolves when no change of role is under way, as upstream's state lock does; undefined when there is none now. */
  settled(): Promise<void> | undefined;
  leader(): Promise<HaLeader>;
  /** sys/ha-status, already in the order of addresses. */
  status(): Promise<JsonValue[]>;
  /** Undefined: the active node could not be reached. */
  forward(request: HttpRequest): Promise<HttpResponse | undefined>;
  index(): IndexState | undefined;
  /** Whether this node, which serves requests, has made or heard of all changes up to there. */
  caughtUp(value: string): MaybeLater<boolean>;
  /** 'primary' once an active node is known, else 'unknown'. */
  readonly performanceMode: string;
}

export interface HaLeader {
  readonly isSelf: boolean;
  /** Wall micros, when active. */
  readonly activeSince?: number;
  readonly apiAddr?: string;
  readonly clusterAddr?: string;
  readonly raftCommittedIndex?: number;
  readonly raftAppliedIndex?: number;
}
