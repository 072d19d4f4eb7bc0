/** The mounts every server has: written at first unseal, and again when one is missing. */
import type { Namespace, TokenType } from '../../framework/logical.ts';
import { rootNamespace } from '../../framework/root-namespace.ts';
import type { MountEntry, MountTable } from './entry.ts';
import { defaultConfig } from './entry.ts';

export interface EntryIds {
  uuid(): string;
  /** 8 hex digits. */
  accessorSuffix(): string;
}

export interface NewEntry {
  readonly table: MountTable;
  readonly path: string;
  readonly type: string;
  readonly description?: string;
  readonly config?: Partial<MountEntry['config']>;
  readonly options?: Readonly<Record<string, string>> | undefined;
  readonly local?: boolean;
  readonly sealWrap?: boolean;
  readonly externalEntropy?: boolean;
  /** Of the plugin; only what is built in is there. */
  readonly version?: string | undefined;
}

export function makeEntry(wanted: NewEntry, ids: EntryIds, namespace: Namespace): MountEntry {
  const accessorType = wanted.table === 'auth' ? `auth_${kindOf(wanted.type)}` : kindOf(wanted.type);
  return {
    table: wanted.table,
    path: wanted.path,
    type: wanted.type,
    description: wanted.description ?? '',
    uuid: ids.uuid(),
    backendAwareUuid: ids.uuid(),
    accessor: `${accessorType}_${ids.accessorSuffix()}`,
    config: { ...defaultConfig(), ...wanted.config },
    options: wanted.options,
    local: wanted.local ?? false,
    sealWrap: wanted.sealWrap ?? false,
    externalEntropy: wanted.externalEntropy ?? false,
    namespaceId: namespace.id,
    tainted: false,
  };
}

const everywhere: readonly NewEntry[] = [
  {
    table: 'mounts',
    path: 'cubbyhole/',
    type: 'cubbyhole',
    description: 'per-token private secret storage',
    local: true,
  },
  {
    table: 'mounts',
    path: 'sys/',
    type: 'system',
    description: 'system endpoints used for control, policy and debugging',
    config: { passthroughRequestHeaders: ['Accept'] },
    sealWrap: true,
  },
  {
    table: 'mounts',
    path: 'identity/',
    type: 'identity',
    description: 'identity store',
    config: { passthroughRequestHeaders: ['Authorization'] },
  },
  { table: 'auth', path: 'token/', type: 'token', description: 'token based credentials' },
];

/** In namespaces below root the server's own mounts are of types of their own: 'ns_system' is a 'system'. */
export const kindOf = (type: string): string => (type.startsWith('ns_') ? type.slice(3) : type);

export const requiredMounts = (namespace: Namespace): readonly NewEntry[] =>
  namespace.id === rootNamespace.id ? everywhere : everywhere.map((one) => ({ ...one, type: `ns_${one.type}` }));

/** What an auth mount's tokens are when it says nothing. */
export const effectiveTokenType = (entry: MountEntry): TokenType =>
  entry.config.tokenType === 'default' && entry.type !== 'ns_token' ? 'default-service' : entry.config.tokenType;
