/** What the paths under sys/ are made with: the node they steer, beside what every backend gets. */
import type { Micros } from '../runtime.ts';
import { Fault } from '../fault.ts';
import type { BackendContext, Raw } from '../framework/logical.ts';
import { paths } from '../framework/engine.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import type { Active } from '../server/active.ts';
import type { Catalog } from '../server/mounts/catalog.ts';
import type { LogLevels } from '../server/log-levels.ts';
import type { SealManager } from '../server/seal/manager.ts';
import type { Barrier } from '../storage/barrier/barrier.ts';
import type { Profiler } from './pprof.ts';
import type { RaftControl } from './raft-control.ts';

export interface SystemContext extends BackendContext {
  readonly node: SystemNode;
}

/** The node as sys/ of a namespace sees it. */
export interface SystemNode {
  /** Mounts, policies, tokens … of the namespace. Not while sys/ itself is being made. */
  active(): Active;
  /** The node's own barrier. */
  readonly barrier: Barrier;
  /** What protects this namespace. Throws 'namespace is not sealable' where it is protected by the one above. */
  keys(): SystemKeys;
  readonly catalog: Catalog;
  readonly settings: NodeSettings;
  /** Absent on storage other than raft. */
  readonly raft: RaftControl | undefined;
  /** Requests under way, for sys/in-flight-req. */
  readonly inFlight: () => JsonObject;
  readonly logLevels: LogLevels;
  /** 'inmem', 'raft' … */
  readonly storageType: string;
  /** For sys/metrics. */
  metrics(format: string, accept: string): Promise<Raw>;
  /** For sys/pprof. */
  readonly profiler: Profiler;
  haStatus(): Promise<JsonValue[]>;
  /** The bodies of sys/seal-status and sys/leader. */
  sealStatus(): Promise<JsonValue>;
  leaderStatus(): Promise<JsonValue>;
}

export interface SystemKeys {
  readonly barrier: Barrier;
  readonly seals: SealManager;
  /** A new term; standbys learn of it. */
  rotate(): Promise<void>;
}

/** What of the configuration sys/ shows or obeys. */
export interface NodeSettings {
  readonly version: string;
  readonly commitDate: string;
  /** Micros. */
  readonly defaultLeaseTtl: Micros;
  readonly maxLeaseTtl: Micros;
  /** sys/raw/ answers. */
  readonly rawStorage: boolean;
  /** sys/internal/inspect/router/ answers. */
  readonly introspection: boolean;
  readonly apiAuditCreation: boolean;
  /** sys/workflows/unauthed-execute/ answers. */
  readonly unauthenticatedWorkflows: boolean;
  readonly auditPrefixing: boolean;
  /** Tokens name the index they were made at (`disable_ssct_tokens = false`). */
  readonly signsTokens: boolean;
  /** Groups may have members from other namespaces (`unsafe_cross_namespace_identity`). */
  readonly crossNamespaceIdentity: boolean;
  /** As of the version that is imitated. */
  readonly resolvesNames: boolean;
  /** The configuration file as sys/config/state/sanitized prints it. */
  readonly sanitized: JsonObject;
  readonly hostname: string;
}

/** Where there may be nothing to abandon: undefined in a namespace without a seal of its own. */
export function sealsOf(node: SystemNode): SealManager | undefined {
  try {
    return node.keys().seals;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/** A part of sys/ in its own file: `systemPaths().path(…)`. */
export const systemPaths = () => paths<undefined, object, SystemContext>();
