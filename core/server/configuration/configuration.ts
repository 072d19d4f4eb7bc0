/** The server's configuration: one or more files in HCL or its JSON form (facts §10). */
import { HclError, parseHcl } from '../../codec/hcl.ts';
import type { HclItem, HclObject } from '../../codec/hcl.ts';
import type { Micros } from '../../runtime.ts';
import type { AuditStanza } from '../audit/declared.ts';
import type { ListenerConfiguration } from './listener.ts';
import { parseListener } from './listener.ts';
import { Block, ConfigurationError } from './values.ts';

export { ConfigurationError } from './values.ts';
export type { ListenerConfiguration } from './listener.ts';

/** `storage "raft" { … }` and the like; nested blocks by their name. */
export interface Stanza {
  readonly type: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly blocks: Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>;
}

export interface Configuration {
  readonly storage?: Stanza;
  readonly haStorage?: Stanza;
  readonly listeners: readonly ListenerConfiguration[];
  readonly seals: readonly Stanza[];
  readonly audit: readonly AuditStanza[];
  readonly apiAddr: string;
  readonly clusterAddr: string;
  readonly clusterName: string;
  readonly disableClustering: boolean;
  readonly cacheSize: number;
  readonly disableCache: boolean;
  /** Micros; 0: the default. */
  readonly defaultLeaseTtl: Micros;
  readonly maxLeaseTtl: Micros;
  readonly ui: boolean;
  readonly rawStorageEndpoint: boolean;
  readonly introspectionEndpoint: boolean;
  readonly disableStandbyReads: boolean;
  readonly unsafeAllowApiAuditCreation: boolean;
  readonly allowAuditLogPrefixing: boolean;
  readonly disablePrintableCheck: boolean;
  readonly unsafeRelativePaths: boolean;
  readonly enableResponseHeaderHostname: boolean;
  readonly enableResponseHeaderRaftNodeId: boolean;
  readonly logLevel: string;
  readonly logFormat: string;
  readonly logFile: string;
  readonly pidFile: string;
}

export interface Parsed {
  readonly configuration: Configuration;
  /** For the log, in order: unknown keys with their place. */
  readonly warnings: readonly string[];
}

/** Known to upstream, without meaning here. */
const ignored: readonly string[] = [
  'allow_unauthenticated_workflows',
  'default_max_request_duration',
  'detect_deadlocks',
  'disable_sealwrap',
  'disable_ssct_tokens',
  'enable_ui',
  'imprecise_lease_role_tracking',
  'initialize',
  'log_requests_level',
  'log_rotate_bytes',
  'log_rotate_duration',
  'log_rotate_max_files',
  'plugin',
  'plugin_auto_download',
  'plugin_auto_register',
  'plugin_directory',
  'plugin_download_behavior',
  'plugin_file_permissions',
  'plugin_file_uid',
  'service_registration',
  'telemetry',
  'unsafe_cross_namespace_identity',
  'user_lockout',
];
const stanzas = new Set(['storage', 'backend', 'ha_storage', 'ha_backend', 'listener', 'seal', 'kms', 'audit']);

/** `file` is named in warnings. Throws ConfigurationError with what upstream prints after the file's name. */
export function parseConfiguration(text: string, file: string): Parsed {
  let root: HclObject;
  try {
    root = parseHcl(text);
  } catch (error) {
    if (error instanceof HclError) throw new ConfigurationError(error.message);
    throw error;
  }
  const warnings: string[] = [];
  const warn = (item: HclItem): void => {
    const key = item.keys[0]!;
    const place = `${file}:${key.position.line}:${key.position.column}`;
    warnings.push(`unknown or unsupported field ${key.text} found in configuration at ${place}`);
  };
  const of = (...names: readonly string[]): HclItem[] =>
    root.items.filter((item) => names.includes(item.keys[0]?.text.toLowerCase() ?? ''));
  const top = new Block(root);
  top.ignore(...ignored, ...stanzas);
  const storage = onlyOne('storage', of('storage', 'backend'));
  const haStorage = onlyOne('ha_storage', of('ha_storage', 'ha_backend'));
  const listeners = of('listener').map((item, index) => {
    const { listener, unknown } = parseListener(typeOf(item), objectOf(item), index);
    return { listener, unknown };
  });
  const configuration: Configuration = {
    ...(storage === undefined ? {} : { storage }),
    ...(haStorage === undefined ? {} : { haStorage }),
    listeners: listeners.map(({ listener }) => listener),
    seals: of('seal', 'kms').map(stanzaOf),
    audit: of('audit').map(auditOf),
    apiAddr: top.string('api_addr'),
    clusterAddr: top.string('cluster_addr'),
    clusterName: top.string('cluster_name'),
    disableClustering: top.boolean('disable_clustering'),
    cacheSize: top.integer('cache_size', 0),
    disableCache: top.boolean('disable_cache'),
    defaultLeaseTtl: top.duration('default_lease_ttl', 0),
    maxLeaseTtl: top.duration('max_lease_ttl', 0),
    ui: top.boolean('ui'),
    rawStorageEndpoint: top.boolean('raw_storage_endpoint'),
    introspectionEndpoint: top.boolean('introspection_endpoint'),
    disableStandbyReads: top.boolean('disable_standby_reads'),
    unsafeAllowApiAuditCreation: top.boolean('unsafe_allow_api_audit_creation'),
    allowAuditLogPrefixing: top.boolean('allow_audit_log_prefixing'),
    disablePrintableCheck: top.boolean('disable_printable_check'),
    unsafeRelativePaths: top.boolean('unsafe_relative_paths'),
    enableResponseHeaderHostname: top.boolean('enable_response_header_hostname'),
    enableResponseHeaderRaftNodeId: top.boolean('enable_response_header_raft_node_id'),
    logLevel: top.string('log_level'),
    logFormat: top.string('log_format'),
    logFile: top.string('log_file'),
    pidFile: top.string('pid_file'),
  };
  for (const item of top.unknown()) warn(item);
  for (const { unknown } of listeners) for (const item of unknown) warn(item);
  return { configuration, warnings };
}

/** The type is the label; in `storage { raft { … } }` the only key inside. */
function typeOf(item: HclItem): string {
  return item.keys[1]?.text ?? '';
}

function objectOf(item: HclItem): HclObject {
  if (item.value.kind === 'object') return item.value;
  const { line, column } = item.keys[0]!.position;
  throw new ConfigurationError(`At ${line}:${column}: ${item.keys[0]!.text} should be an object`);
}

function onlyOne(name: string, items: readonly HclItem[]): Stanza | undefined {
  if (items.length > 1) throw new ConfigurationError(`error parsing '${name}': only one "${name}" block is permitted`);
  return items[0] === undefined ? undefined : stanzaOf(items[0]);
}

function stanzaOf(item: HclItem): Stanza {
  const settings: Record<string, string> = {};
  const blocks: Record<string, Record<string, string>[]> = {};
  for (const inner of objectOf(item).items) {
    const name = inner.keys[0]?.text.toLowerCase() ?? '';
    if (inner.value.kind === 'literal') settings[name] = String(inner.value.value);
    else if (inner.value.kind === 'object') (blocks[name] ??= []).push(flat(inner.value));
  }
  return { type: typeOf(item).toLowerCase(), settings, blocks };
}

function flat(object: HclObject): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const { keys, value } of object.items) {
    const name = keys[0]?.text.toLowerCase() ?? '';
    if (value.kind === 'literal') settings[name] = String(value.value);
    if (value.kind === 'list')
      settings[name] = value.items.map((each) => (each.kind === 'literal' ? each.value : '')).join(',');
  }
  return settings;
}

/** `audit "file" "name" { description … local … options { … } }`. */
function auditOf(item: HclItem): AuditStanza {
  const object = objectOf(item);
  const block = new Block(object);
  const options = object.items.find((inner) => inner.keys[0]?.text === 'options')?.value;
  return {
    type: typeOf(item),
    path: (item.keys[2]?.text ?? block.string('path')).replace(/\/$/, ''),
    description: block.string('description'),
    local: block.boolean('local'),
    options: options?.kind === 'object' ? flat(options) : {},
  };
}

/** Later files win; listeners, seals and audit devices add up. */
export function mergeConfigurations(first: Configuration, second: Configuration): Configuration {
  const merged: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    if (Array.isArray(value))
      merged[key] = [...(first[key as keyof Configuration] as unknown[]), ...(value as unknown[])];
    else if (value !== '' && value !== 0 && value !== false) merged[key] = value;
  }
  return merged as unknown as Configuration;
}
