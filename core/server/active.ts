/**
 * What a request finds in its namespace on an unsealed node: made at post-unseal or when the namespace opens, dropped
 * at seal or step-down.
 */
import type { Namespace } from '../framework/logical.ts';
import type { Runtime } from '../runtime.ts';
import type { Scope } from '../scope.ts';
import type { Storage } from '../storage/storage.ts';
import type { AuditBroker } from './audit/broker.ts';
import type { JsonObject } from '../codec/json.ts';
import type { CheckContext } from './auth-check.ts';
import type { Cors } from './cors.ts';
import type { Lockouts } from './lockout.ts';
import type { Mounts } from './mounts/mounts.ts';
import type { Namespaces } from './namespaces/namespaces.ts';
import type { Quotas } from './quotas/quotas.ts';
import type { Services } from './services.ts';
import type { TokenSigning } from './tokens/signed.ts';
import type { VersionHistory } from './version-history.ts';

export interface Active {
  readonly runtime: Runtime;
  readonly scope: Scope;
  /** Serves reads, must not write. */
  readonly standby: boolean;

  // Of the namespace.
  readonly namespace: Namespace;
  /** Its part of the decrypted storage. */
  readonly storage: Storage;
  readonly mounts: Mounts;
  readonly services: Services;
  readonly check: CheckContext;

  // Of the node.
  readonly namespaces: Namespaces;
  readonly audit: AuditBroker;
  readonly tokenSigning: TokenSigning;
  readonly cors: Cors;
  readonly versions: VersionHistory;
  readonly lockouts: Lockouts;
  readonly quotas: Quotas;
  /** Mounts on the move, by migration id. */
  readonly migrations: Map<string, JsonObject>;
}
