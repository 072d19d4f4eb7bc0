/** What the simulator needs of a server: how to make one, and the little it may ask it. Filled in by core/server. */
import type { FileSizes } from '../core/server/ha/raft-physical.ts';
import type { HttpHandler } from '../core/http/message.ts';
import type { BackendFactory } from '../core/server/mounts/catalog.ts';
import type { Runtime } from '../core/runtime.ts';

export type SealChoice =
  | { readonly type: 'shamir' }
  /** Static auto-unseal: 32 key bytes, known by a name. */
  | { readonly type: 'static'; readonly key: Uint8Array; readonly keyId: string }
  /** Another OpenBao's transit engine. */
  | { readonly type: 'transit'; readonly address: string; readonly token: string; readonly keyName: string };

export interface NodePlan {
  readonly name: string;
  /** host:port of the API and of the cluster listener. */
  readonly apiAddress: string;
  readonly clusterAddress: string;
  /** api_addr: where standbys and redirects say that the API is. */
  readonly advertised: string;
  readonly storage: 'raft' | 'inmem' | 'file' | 'postgresql';
  /** host:port of the database, where the storage is one. */
  readonly database?: string;
  /** raft's performance_multiplier. */
  readonly multiplier: number;
  readonly seal: SealChoice;
  /** The one that is to be left. */
  readonly oldSeal?: SealChoice;
  /** API addresses of the nodes to join through. */
  readonly retryJoin: readonly string[];
  /** The version that it imitates, e.g. '2.7.2'. */
  readonly profile: string;
  readonly standbyReads: boolean;
  /** Settings that only some stories need, by the names of the configuration file. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** Those that a server has, unless a story is too short to fill them. */
  readonly files?: FileSizes;
  /** Secret engines beside those that are built in, by type. */
  readonly engines?: ReadonlyMap<string, BackendFactory>;
}

export interface RunningNode {
  /** Answers the API. The simulator listens on the API address and hands requests over. */
  readonly http: HttpHandler;
  /** A digest of the whole replicated state as it is now. */
  digest?(): string | undefined;
  /** Whether it has no key to read its own storage with. */
  sealed?(): boolean;
  /** What the program does at SIGTERM before it exits. */
  stop?(): Promise<void>;
}

export type NodeFactory = (runtime: Runtime, config: NodePlan) => RunningNode | Promise<RunningNode>;
