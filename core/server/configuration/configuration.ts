/** The server's configuration: one or more files in HCL or its JSON form (facts §10). */
import { HclError, parseHcl } from '../../codec/hcl.ts';
import type { HclItem, HclObject } from '../../codec/hcl.ts';
import type { Micros } from '../../runtime.ts';
import type { AuditStanza } from '../audit/declared.ts';
import type { ListenerConfiguration } from './listener.ts';
import { parseListener } from './listener.ts';
import { foundAddress, noInterfaces } from './address.ts';
import type { Interfaces } from '../../codec/sockaddr/interfaces.ts';
import type { FlowBlock } from '../profiles/document.ts';
import { parseInitialize } from './initialize.ts';
import type { LockoutStanza } from './lockout.ts';
import { parseLockout } from './lockout.ts';
import { pluginStanzas, type PluginStanza, pluginWarnings } from './plugins.ts';
import { disablesClustering, storageSettings } from './storage.ts';
import type { TelemetryStanza } from './telemetry.ts';
import { parseTelemetry } from './telemetry.ts';
import { Block, ConfigurationError, blockOf, goNode, placeOf, topWording } from './values.ts';

export { ConfigurationError } from './values.ts';
export type { ListenerConfiguration } from './listener.ts';

/** `storage "raft" { … }` and the like. */
export interface Stanza {
  readonly type: string;
  readonly settings: Readonly<Record<string, string>>;
}

export interface Configuration {
  readonly storage?: Stanza;
  readonly haStorage?: Stanza;
  readonly serviceRegistration?: Stanza;
  readonly listeners: readonly ListenerConfiguration[];
  readonly seals: readonly Stanza[];
  readonly audit: readonly AuditStanza[];
  readonly initialize: readonly FlowBlock[];
  readonly userLockouts: readonly LockoutStanza[];
  readonly telemetry?: TelemetryStanza;
  readonly apiAddr: string;
  readonly clusterAddr: string;
  readonly clusterName: string;
  readonly disableClustering: boolean;
  /** The same as the storage has it, for which raft is not to be had; nothing else comes of it. */
  readonly storageWithoutClustering: boolean;
  readonly cacheSize: number;
  readonly disableCache: boolean;
  /** Micros; 0: the default. */
  readonly defaultLeaseTtl: Micros;
  readonly maxLeaseTtl: Micros;
  /** For listeners that say nothing themselves; 0: 90 seconds. */
  readonly defaultMaxRequestDuration: Micros;
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
  /** Without effect here, and shown in the sanitized configuration. */
  readonly clusterCipherSuites: string;
  readonly detectDeadlocks: string;
  readonly disableSealwrap: boolean;
  readonly disableSsctTokens: boolean;
  readonly impreciseLeaseRoleTracking: boolean;
  readonly unsafeCrossNamespaceIdentity: boolean;
  readonly allowUnauthenticatedWorkflows: boolean;
  readonly pluginDirectory: string;
  readonly plugins: readonly PluginStanza[];
  readonly pluginFileUid: number;
  readonly pluginFilePermissions: number;
  readonly logLevel: string;
  readonly logFormat: string;
  readonly logFile: string;
  readonly logRequestsLevel: string;
  /** Bytes; 0: no limit. */
  readonly logRotateBytes: number;
  /** As written; '' is a day. */
  readonly logRotateDuration: string;
  readonly logRotateMaxFiles: number;
  readonly pidFile: string;
}

export interface Parsed {
  readonly configuration: Configuration;
  /** For the log, in order: unknown keys with their place. */
  readonly warnings: readonly string[];
}

/** Known to upstream, without meaning here. */
const ignored: readonly string[] = [
  'disable_indexing',
  'disable_performance_standby',
  'disable_sentinel_trace',
  'entropy',
  'plugin',
];
/** Each read by itself. */
const stanzas: readonly string[] = [
  'audit',
  'backend',
  'ha_backend',
  'ha_storage',
  'hsm',
  'initialize',
  'kms',
  'listener',
  'seal',
  'service_registration',
  'storage',
  'telemetry',
  'user_lockout',
];

const NO_MLOCK = `OpenBao has dropped support for mlock. Please remove
the line "disable_mlock" = false from your config and disable
or encrypt swap instead. For more information, see:
https://openbao.org/docs/install/#post-installation-hardening`;

/**
 * `file` is named in warnings, `interfaces` are asked for by addresses that are templates. Throws ConfigurationError with
 * what upstream prints after the file's name.
 */
export function parseConfiguration(text: string, file: string, interfaces = noInterfaces): Parsed {
  const json = /^\s*\{/.test(text);
  const root = parsed(text);
  const of = (...names: readonly string[]): HclItem[] =>
    root.items.filter((item) => names.includes(item.keys[0]?.text.toLowerCase() ?? ''));
  const top = new Block(root, topWording(json));
  top.ignore(...ignored, ...stanzas);
  // As upstream reads them, for of two mistakes the first one is told: what its decoder puts into typed fields, blocks
  // of which other programs of its have some too, what it converts itself, and the blocks of a server.
  const typed = { ...typedSettings(top), ...addressSettings(top, interfaces), ...logSettings(top) };
  if (top.formerBoolean('disable_mlock') === false) throw new ConfigurationError(NO_MLOCK);
  const seals = of('seal', 'kms', 'hsm').map((item) => sealOf(item, json));
  const listeners = of('listener').map((item, index) => {
    const object = blockOf(item, `error parsing 'listener': listeners.${index}`, json);
    return parseListener(item.keys.length === 2 ? typeOf(item) : '', { object, index, json, interfaces });
  });
  const userLockouts = of('user_lockout').map((item, index) => parseLockout(item, index, json));
  const telemetry = parseTelemetry(of('telemetry'), json);
  const converted = convertedSettings(top);
  const storage = storageOf('storage', of('storage'), json) ?? storageOf('backend', of('backend'), json);
  const haStorage = storageOf('ha_storage', of('ha_storage'), json) ?? storageOf('ha_backend', of('ha_backend'), json);
  const registration = registrationOf(of('service_registration'), json);
  const audit = of('audit').map((item, index) => auditOf(item, index, json));
  const initialize = parseInitialize(of('initialize'));
  const configuration: Configuration = {
    ...(storage === undefined ? {} : { storage }),
    ...(haStorage === undefined ? {} : { haStorage }),
    ...(registration === undefined ? {} : { serviceRegistration: registration }),
    listeners: listeners.map(({ listener }) => listener),
    seals,
    audit,
    initialize: initialize.blocks,
    plugins: pluginStanzas(of('plugin'), json),
    userLockouts,
    ...(telemetry === undefined ? {} : { telemetry: telemetry.stanza }),
    ...typed,
    ...converted,
    // Said at the top it counts, whatever the storage says.
    storageWithoutClustering: top.has('disable_clustering')
      ? converted.disableClustering
      : storage !== undefined && disablesClustering(storage.settings),
  };
  const unknown = [
    ...top.unknown(),
    ...listeners.flatMap((listener) => listener.unknown),
    ...(telemetry?.unknown ?? []),
    ...initialize.unknown,
  ];
  const warnings = unknown.map(({ keys }) => {
    const { text: name, position } = keys[0]!;
    const place = json ? file : `${file}:${position.line}:${position.column}`;
    return `unknown or unsupported field ${name} found in configuration at ${place}`;
  });
  return { configuration, warnings: [...warnings, ...pluginWarnings(top, of('plugin'))] };
}

function parsed(text: string): HclObject {
  try {
    return parseHcl(text);
  } catch (error) {
    if (error instanceof HclError) throw new ConfigurationError(error.message);
    throw error;
  }
}

function typedSettings(top: Block) {
  top.typedInteger('plugin_download_max_size', 0);
  top.string('plugin_download_behavior');
  return {
    clusterName: top.string('cluster_name'),
    clusterCipherSuites: top.string('cluster_cipher_suites'),
    cacheSize: top.typedInteger('cache_size', 0),
    disableStandbyReads: top.strictBoolean('disable_standby_reads'),
    unsafeAllowApiAuditCreation: top.strictBoolean('unsafe_allow_api_audit_creation'),
    allowAuditLogPrefixing: top.strictBoolean('allow_audit_log_prefixing'),
    unsafeRelativePaths: top.strictBoolean('unsafe_relative_paths'),
    detectDeadlocks: top.string('detect_deadlocks'),
    impreciseLeaseRoleTracking: top.strictBoolean('imprecise_lease_role_tracking'),
    unsafeCrossNamespaceIdentity: top.strictBoolean('unsafe_cross_namespace_identity'),
    allowUnauthenticatedWorkflows: top.strictBoolean('allow_unauthenticated_workflows'),
    pluginDirectory: top.string('plugin_directory'),
    pluginFileUid: top.typedInteger('plugin_file_uid', 0),
  };
}

function addressSettings(top: Block, interfaces: () => Interfaces) {
  return {
    apiAddr: foundAddress(top.string('api_addr'), interfaces),
    clusterAddr: foundAddress(top.string('cluster_addr'), interfaces),
  };
}

function logSettings(top: Block) {
  return {
    logLevel: top.string('log_level'),
    logFormat: top.string('log_format'),
    logFile: top.string('log_file'),
    logRequestsLevel: top.string('log_requests_level'),
    logRotateBytes: top.typedInteger('log_rotate_bytes', 0),
    logRotateDuration: top.string('log_rotate_duration'),
    logRotateMaxFiles: top.typedInteger('log_rotate_max_files', 0),
    pidFile: top.string('pid_file'),
  };
}

function convertedSettings(top: Block) {
  const converted = {
    disableClustering: top.boolean('disable_clustering'),
    disableCache: top.boolean('disable_cache'),
    defaultLeaseTtl: top.duration('default_lease_ttl', 0),
    maxLeaseTtl: top.duration('max_lease_ttl', 0),
    defaultMaxRequestDuration: top.duration('default_max_request_duration', 0),
    ui: top.boolean('ui'),
    rawStorageEndpoint: top.boolean('raw_storage_endpoint'),
    introspectionEndpoint: top.boolean('introspection_endpoint'),
    disablePrintableCheck: top.boolean('disable_printable_check'),
    enableResponseHeaderHostname: top.boolean('enable_response_header_hostname'),
    enableResponseHeaderRaftNodeId: top.boolean('enable_response_header_raft_node_id'),
    disableSealwrap: top.boolean('disable_sealwrap'),
    disableSsctTokens: top.boolean('disable_ssct_tokens', true),
    pluginFilePermissions: top.integerText('plugin_file_permissions', 0, 'ParseInt'),
  };
  for (const name of ['plugin_auto_download', 'plugin_auto_register']) top.boolean(name);
  return converted;
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

function onlyOne(name: string, items: readonly HclItem[], json: boolean): Stanza | undefined {
  if (items.length > 1) throw new ConfigurationError(`error parsing '${name}': only one "${name}" block is permitted`);
  const [item] = items;
  if (item === undefined) return undefined;
  blockOf(item, `error parsing '${name}': ${name}.${name}`, json, 'map');
  const stanza = stanzaOf(item);
  return stanza.type === '' ? { ...stanza, type: name } : stanza;
}

function storageOf(name: string, items: readonly HclItem[], json: boolean): Stanza | undefined {
  const stanza = onlyOne(name, items, json);
  if (stanza === undefined) return undefined;
  const where = `error parsing '${name}': ${name}.${stanza.type}`;
  return { ...stanza, settings: storageSettings(objectOf(items[0]!), where, json) };
}

/** Texts alone, by the names as they are written. */
function registrationOf(items: readonly HclItem[], json: boolean): Stanza | undefined {
  const name = 'service_registration';
  const stanza = onlyOne(name, items, json);
  if (stanza === undefined) return undefined;
  const settings: Record<string, string> = {};
  for (const { keys, value } of objectOf(items[0]!).items) {
    const key = keys[0]?.text ?? '';
    if (value.kind !== 'literal' || typeof value.value === 'boolean') {
      const what = `At ${placeOf(value.position, json)}: root.${key}: unknown type for string ${goNode(value)}`;
      throw new ConfigurationError(`error parsing '${name}': ${name}.${stanza.type}: ${what}`);
    }
    settings[key] = String(value.value);
  }
  return { ...stanza, settings };
}

const sealOf = (item: HclItem, json: boolean): Stanza => {
  const name = item.keys[0]!.text;
  blockOf(item, `error parsing '${name}': ${name}.${typeOf(item) || name}`, json, 'map');
  return stanzaOf(item);
};

function stanzaOf(item: HclItem): Stanza {
  const settings: Record<string, string> = {};
  for (const inner of objectOf(item).items) {
    const name = inner.keys[0]?.text.toLowerCase() ?? '';
    if (inner.value.kind === 'literal') settings[name] = String(inner.value.value);
  }
  return { type: typeOf(item).toLowerCase(), settings };
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
function auditOf(item: HclItem, index: number, json: boolean): AuditStanza {
  if (item.keys.length !== 3 && item.value.kind === 'object') {
    throw new ConfigurationError(`error parsing 'audit': audit.${index}: audit type must be specified`);
  }
  const block = new Block(blockOf(item, `error parsing 'audit': audit.${index}`, json), topWording(json));
  const options = block.value('options');
  for (const { keys, value } of options?.kind === 'object' ? options.items : []) {
    if (value.kind !== 'literal' || typeof value.value !== 'boolean') continue;
    const place = `At ${placeOf(value.position, json)}: root.options.${keys[0]?.text ?? ''}`;
    throw new ConfigurationError(
      `error parsing 'audit': audit.${index}: ${place}: unknown type for string *ast.LiteralType`,
    );
  }
  return {
    type: typeOf(item),
    path: item.keys[2]!.text.replace(/\/$/, ''),
    description: block.string('description'),
    local: block.boolean('local'),
    options: options?.kind === 'object' ? flat(options) : {},
  };
}

/** Later files win; listeners, seals, audit devices … add up. */
export function mergeConfigurations(first: Configuration, second: Configuration): Configuration {
  const merged: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    if (Array.isArray(value))
      merged[key] = [...(first[key as keyof Configuration] as unknown[]), ...(value as unknown[])];
    else if (value !== '' && value !== 0 && value !== false) merged[key] = value;
  }
  return merged as unknown as Configuration;
}
