/** A row of a mount table: what is stored at `core/{mounts,local-mounts,auth,local-auth}/<uuid>`. */
import type { TokenType } from '../../framework/logical.ts';

/** The audit table is one blob, but its rows look like mounts; 'audit-config' are those of the configuration. */
export type MountTable = 'mounts' | 'auth' | 'audit' | 'audit-config';

/** TTLs in micros; 0 means the system's. */
export interface MountConfig {
  defaultLeaseTtl: number;
  maxLeaseTtl: number;
  forceNoCache: boolean;
  auditNonHmacRequestKeys: string[];
  auditNonHmacResponseKeys: string[];
  listingVisibility: '' | 'hidden' | 'unauth';
  passthroughRequestHeaders: string[];
  allowedResponseHeaders: string[];
  tokenType: TokenType;
  pluginVersion: string;
  userLockout: UserLockout | undefined;
}

export interface UserLockout {
  threshold: number;
  duration: number;
  counterReset: number;
  disable: boolean;
}

/** Replaced, never changed in place, so that readers always see one consistent row. */
export interface MountEntry {
  readonly table: MountTable;
  /** Without 'auth/', trailing '/'. */
  readonly path: string;
  readonly type: string;
  readonly description: string;
  readonly uuid: string;
  readonly backendAwareUuid: string;
  readonly accessor: string;
  readonly config: Readonly<MountConfig>;
  /** Undefined prints as null. */
  readonly options: Readonly<Record<string, string>> | undefined;
  readonly local: boolean;
  readonly sealWrap: boolean;
  readonly externalEntropy: boolean;
  readonly namespaceId: string;
  /** Being unmounted or moved: no requests, but revocations still pass. */
  readonly tainted: boolean;
}

/** As requests name it: auth mounts with 'auth/' in front. */
export const mountPoint = (entry: MountEntry): string => (entry.table === 'auth' ? `auth/${entry.path}` : entry.path);

/** Where the mount's data lives in the barrier. */
export function viewPrefix(entry: MountEntry): string {
  if (entry.type === 'system' || entry.type === 'ns_system') return 'sys/';
  return `${entry.table === 'auth' ? 'auth' : 'logical'}/${entry.uuid}/`;
}

export const defaultConfig = (): MountConfig => ({
  defaultLeaseTtl: 0,
  maxLeaseTtl: 0,
  forceNoCache: false,
  auditNonHmacRequestKeys: [],
  auditNonHmacResponseKeys: [],
  listingVisibility: '',
  passthroughRequestHeaders: [],
  allowedResponseHeaders: [],
  tokenType: 'default',
  pluginVersion: '',
  userLockout: undefined,
});
