/** What a node is started with: the configuration, already parsed, and the pieces that differ between worlds. */
import type { ApiOptions } from '../http/api.ts';
import type { Micros } from '../runtime.ts';
import type { Barrier } from '../storage/barrier/barrier.ts';
import type { Showing } from '../telemetry/showing.ts';
import type { Storage } from '../storage/storage.ts';
import type { NodeSettings } from '../system/context.ts';
import type { Profiler } from '../system/pprof.ts';
import type { RaftControl } from '../system/raft-control.ts';
import type { AuditStanza } from './audit/declared.ts';
import type { LockoutStanza } from './configuration/lockout.ts';
import type { OpenDevice } from './audit/device.ts';
import type { HaFactory } from './ha-port.ts';
import type { LeaderContact } from './ha/raft-join.ts';
import type { ProcessFigures } from './gauges.ts';
import type { Catalog } from './mounts/catalog.ts';
import type { DeclaredPlugin } from './mounts/declared-plugins.ts';
import type { Registration } from './registration/registration.ts';
import type { SealWrapper } from './seal/wrapper.ts';
import type { UsageSettings } from './usage-gauges.ts';

export interface NodeConfig {
  /** How long the Prometheus form keeps what does not change; 0 turns it off. */
  readonly prometheusRetention: Micros;
  readonly usage: UsageSettings;
  /** Which metrics are shown, and as what. */
  readonly showing?: Showing;
  /** The process, where there is one to measure. */
  readonly process?: () => ProcessFigures;
  readonly profiler?: Profiler;
  readonly physical: Physical;
  /** Absent: Shamir. */
  readonly seal?: SealWrapper;
  /** The one that is configured with `disabled`, to migrate from. */
  readonly oldSeal?: SealWrapper;
  readonly catalog: Catalog;
  /** Programs that the configuration wants to be there. */
  readonly plugins?: readonly DeclaredPlugin[];
  /** Where they would be; '' or left out: nowhere. */
  readonly pluginDirectory?: string;
  readonly audit: readonly AuditStanza[];
  readonly openAudit: OpenDevice;
  readonly userLockouts?: readonly LockoutStanza[];
  readonly settings: NodeSettings;
  readonly options: ApiOptions;
  /** At which answered requests are logged; '' or left out: not at all. */
  readonly logRequestsLevel?: string;
  /** 'http://host:port'; '' where not configured. */
  readonly apiAddr: string;
  readonly clusterAddr: string;
  /** '' makes one up at initialisation. */
  readonly clusterName: string;
  /** Entries; 0: the default. */
  readonly cacheSize: number;
  readonly disableCache: boolean;
  readonly dev?: DevMode;
  /** Who is told what becomes of the node. */
  readonly registration?: Registration;
}

/** Where a node keeps its data, and what that storage can do beyond storing. */
export interface Physical {
  readonly type: string;
  readonly storage: Storage;
  /** Absent: no high availability. */
  readonly ha?: HaFactory;
  readonly raft?: RaftControl;
  /** How far what is stored has come, where the storage can say. */
  readonly index?: StorageIndex;
  /** Raft: one node forms a cluster of its own before initialisation writes anything; resolves when it leads. */
  bootstrap?(): Promise<void>;
  /** Raft: after initialisation wrote everything, before the barrier closes (TLS keyring). */
  initialised?(barrier: Barrier): Promise<void>;
  /** Raft: what must run between unsealing and contending for leadership (transport, log). */
  unsealed?(barrier: Barrier): Promise<void>;
  /** Raft: joins a leader's cluster. Whether it is a member now; no error when it was one already. */
  joinThrough?(leader: LeaderContact, options: JoinOptions): Promise<boolean>;
  /** Recovery mode: the storage works again, without anybody else; whoever shared it has to join anew. */
  recover?(): Promise<void>;
  /** Before the barrier closes. */
  sealing?(): Promise<void>;
}

export interface StorageIndex {
  /** In the form clients get it. Rejects where it cannot be asked. */
  now(): Promise<string>;
  /** Greater for what is later; undefined for what cannot be compared. */
  order(value: string): number | undefined;
}

export interface JoinOptions {
  readonly nonVoter: boolean;
  /** Goes on in the background until it is let in. */
  readonly retry: boolean;
}

/** `server -dev`: initialised, unsealed and with KV mounted before the first request. */
export interface DevMode {
  readonly rootToken: string;
  /** 0: nothing at secret/. */
  readonly kvVersion: 0 | 1 | 2;
}

/** How long a request may take, and a change of state waits for it. */
export const maxRequestDuration: Micros = 90_000_000;
export const autoUnsealRetry: Micros = 5_000_000;
