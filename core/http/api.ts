/** What the HTTP layer needs of a node. `server/node.ts` implements it; tests have a fake. */
import type { Raw, Request, Response } from '../framework/logical.ts';
import type { LogLevel, Micros, Runtime } from '../runtime.ts';
import type { Audit } from '../server/audit/record.ts';
import type { JoinOptions } from '../server/config.ts';
import type { LeaderContact } from '../server/ha/raft-join.ts';
import type { SealState } from '../server/seal/manager.ts';
import type { RootGeneration } from '../server/seal/root-generation.ts';
import type { RootRotation } from '../server/seal/root-rotation.ts';
import type { HttpRequest, HttpResponse } from './message.ts';

export interface ApiNode {
  readonly runtime: Runtime;
  readonly options: ApiOptions;
  /** At which every answered request is logged; undefined: none is. */
  readonly requestsLevel?: LogLevel | undefined;
  health(): Promise<Health>;
  /** `atOnce`: during a change of role, too. */
  sealStatus(options?: { readonly atOnce?: boolean }): Promise<SealStatus>;
  /** Rejects with `coded(503, 'Vault is sealed')` on a sealed node that has HA. */
  leader(): Promise<LeaderStatus>;
  initialised(): Promise<boolean>;
  /** Faults carry the text for the client, status 400 unless coded. */
  initialise(asked: InitRequest): Promise<InitResult>;
  /** One share, as bytes. Rejects with `refuse(text)`. */
  unseal(share: Uint8Array, options: { migrate: boolean }): Promise<void>;
  resetUnseal(): Promise<void>;
  /** sys/storage/raft/join and …/bootstrap. Reject with the text for the client. */
  joinRaft?(leader: LeaderContact, options: JoinOptions): Promise<boolean>;
  bootstrapRaft?(): Promise<void>;
  /** sys/seal and sys/step-down, authorised by the node. */
  seal(request: Request): Promise<void>;
  stepDown(request: Request): Promise<void>;

  /**
   * An API request on this node. Undefined is a nil response. Throws Fault; ReadOnly where only the active node can
   * answer (the HTTP layer forwards then); `coded(503, 'Vault is sealed')` while sealed.
   */
  handle(request: Request): Promise<Response | undefined>;
  /** Whether a path takes or gives something other than JSON objects (raft snapshots …); without leading '/v1/'. */
  isBinary(path: string, namespace: string | undefined): boolean;

  /** 'forward': a standby that cannot answer itself; 'local': sealed, active, or a standby that serves reads. */
  route(): 'local' | 'forward';
  /** Hands the request to the active node. Undefined: that failed, so the client is redirected. */
  forward(request: HttpRequest): Promise<HttpResponse | undefined>;
  /** The active node's API address ('http://host:port'), undefined when none is known; for redirects. */
  activeAddress(): Promise<string | undefined>;

  /** For X-Vault-Index; undefined where the storage has no such index (dev, inmem). */
  index(): MaybeLater<IndexState | undefined>;
  /** Counts the request against the rate-limit quotas; undefined where none applies. `path` is without '/v1/'. */
  limit?(request: HttpRequest, path: string): Promise<Limited> | undefined;
  /** For endpoints that ask for shares instead of a token; undefined but on the active node. */
  keyHolders?(): KeyHolders | undefined;
  /** What sys/metrics answers, for listeners that ask for no token there. */
  metrics?(format: string, accept: string): Promise<Raw>;
  /** sys/pprof and sys/in-flight-req in any state, for listeners that ask for no token there. */
  open?(request: Request): Promise<Response | undefined>;
  /** Answers to cross-origin requests; undefined while CORS is off. */
  cors?(): Cors | undefined;
}

/** What those who hold shares may do. */
export interface KeyHolders {
  /** Unseals by itself: the shares are of the recovery key. */
  readonly auto: boolean;
  rekey(recovery: boolean): RootRotation;
  readonly rootGeneration: RootGeneration;
  readonly audit: Audit;
  /** A new root token. */
  rootToken(): Promise<string>;
}

export interface ApiOptions {
  /** '2.7.2'. */
  readonly version: string;
  /** '2026-10-26T20:32:27Z'. */
  readonly commitDate: string;
  /** X-Vault-Index and X-Vault-Inconsistent mean something. */
  readonly indexHeaders: boolean;
  /** Bytes; 33554432. 0 or less: no limit. */
  readonly maxRequestSize: number;
  /** Estimated bytes; 34078720. 0 or less: no limit. */
  readonly maxJsonMemory: number;
  /** 1000, keys included. 0 or less: no limit. */
  readonly maxJsonStrings: number;
  /** '/' leads to /ui/ then. */
  readonly ui: boolean;
  readonly allowUnprintablePaths?: boolean;
  readonly allowRelativePaths?: boolean;
  /** sys/metrics asks for no token. */
  readonly unauthenticatedMetrics?: boolean;
  /** Likewise sys/pprof/*. */
  readonly unauthenticatedPprof?: boolean;
  /** Likewise sys/in-flight-req. */
  readonly unauthenticatedInFlight?: boolean;
  /** How long a request that awaits an index may wait for it; 0: not at all. */
  readonly maxIndexWait?: Micros;
  /** 'fail' or 'forward-active-node': what becomes of who waited in vain, where it does not say so itself. */
  readonly indexFallback?: string;
  /** Who names no index, and says nothing of inconsistency, is answered by the active node alone. */
  readonly forwardsWithoutIndex?: boolean;
  /** sys/rekey/* and sys/rekey-recovery-key/* ask for shares alone; refused otherwise. */
  readonly unauthenticatedRekey?: boolean;
  /** Likewise sys/generate-root/*. */
  readonly unauthenticatedGenerateRoot?: boolean;
  /** X-Vault-Request must be 'true'. */
  readonly requireRequestHeader?: boolean;
  /** X-Vault-Hostname. */
  readonly hostname?: string;
  /** X-Vault-Raft-Node-ID. */
  readonly raftNodeId?: string;
}

export interface Health {
  readonly initialised: boolean;
  readonly sealed: boolean;
  readonly standby: boolean;
  /** 'disabled', 'primary' or 'unknown'. */
  readonly performanceMode: string;
  readonly drMode: string;
  readonly clusterName?: string;
  readonly clusterId?: string;
}

export interface SealStatus extends SealState {
  readonly recoverySealType?: string;
  readonly clusterName?: string;
  readonly clusterId?: string;
  readonly storageType: string;
}

export interface LeaderStatus {
  readonly haEnabled: boolean;
  readonly isSelf?: boolean;
  /** RFC 3339; left out when not active. */
  readonly activeTime?: string;
  readonly leaderAddress?: string;
  readonly leaderClusterAddress?: string;
  readonly raftCommittedIndex?: number;
  readonly raftAppliedIndex?: number;
}

export interface InitRequest {
  readonly secretShares: number;
  readonly secretThreshold: number;
  readonly pgpKeys: readonly string[];
  readonly recoveryShares: number;
  readonly recoveryThreshold: number;
  readonly recoveryPgpKeys: readonly string[];
  readonly rootTokenPgpKey: string;
}

export interface InitResult {
  readonly shares: readonly Uint8Array[];
  readonly recoveryShares?: readonly Uint8Array[];
  readonly rootToken: string;
}

/** At once where it is known, so that nobody waits for nothing. */
export type MaybeLater<T> = T | Promise<T>;

export interface IndexState {
  readonly clusterId: string;
  /** What this node has applied, in the form clients get it; undefined while it cannot be told. */
  readonly value?: string;
  /** Whether this node has not reached `value` yet; false for what cannot be compared, and on a node that is surely active. */
  behind(value: string): MaybeLater<boolean>;
  /** Whether this node, active or not, has reached `value`; false for what cannot be compared. */
  reached(value: string): boolean;
}

/** What the quotas say of a request. */
export interface Limited {
  readonly allowed: boolean;
  /** For the answer, whatever it will be. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface Cors {
  readonly allowedOrigins: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly allowCredentials: boolean;
}
