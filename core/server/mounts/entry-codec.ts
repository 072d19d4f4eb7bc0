/** Mount table rows as upstream stores them: JSON in upstream's key order, a newline, gzip behind a canary. */
import { compress, decompress } from '../../codec/canary.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { JsonNumber, isObject, parseObject, print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { TokenType } from '../../framework/logical.ts';
import type { MountConfig, MountEntry, UserLockout } from './entry.ts';
import { defaultConfig } from './entry.ts';

const tokenTypes: readonly TokenType[] = ['default', 'service', 'batch', 'default-service', 'default-batch'];

export const encodeEntry = (entry: MountEntry): Uint8Array => compress(encodeUtf8(`${print(rowOfEntry(entry))}\n`));

export const decodeEntry = (stored: Uint8Array): MountEntry => entryOfRow(parseObject(decompress(stored)));

export function rowOfEntry(entry: MountEntry): ReadonlyMap<string, JsonValue> {
  const row = new Map<string, JsonValue>([
    ['table', entry.table],
    ['path', entry.path],
    ['type', entry.type],
    ['description', entry.description],
    ['uuid', entry.uuid],
    ['backend_aware_uuid', entry.backendAwareUuid],
    ['accessor', entry.accessor],
    ['config', encodeConfig(entry.config)],
    ['options', entry.options === undefined ? null : { ...entry.options }],
    ['local', entry.local],
    ['seal_wrap', entry.sealWrap],
  ]);
  if (entry.externalEntropy) row.set('external_entropy_access', true);
  if (entry.tainted) row.set('tainted', true);
  row.set('namespace_id', entry.namespaceId);
  return row;
}

export function entryOfRow(row: JsonObject): MountEntry {
  const table = row['table'];
  return {
    table: table === 'auth' || table === 'audit' || table === 'audit-config' ? table : 'mounts',
    path: text(row['path']),
    type: text(row['type']),
    description: text(row['description']),
    uuid: text(row['uuid']),
    backendAwareUuid: text(row['backend_aware_uuid']),
    accessor: text(row['accessor']),
    config: decodeConfig(isObject(row['config']) ? row['config'] : {}),
    options: isObject(row['options']) ? texts(row['options']) : undefined,
    local: row['local'] === true,
    sealWrap: row['seal_wrap'] === true,
    externalEntropy: row['external_entropy_access'] === true,
    namespaceId: text(row['namespace_id']) || 'root',
    tainted: row['tainted'] === true,
  };
}

function encodeConfig(config: MountConfig): JsonValue {
  const out = new Map<string, JsonValue>();
  const list = (name: string, values: readonly string[]) => values.length > 0 && out.set(name, values);
  if (config.defaultLeaseTtl !== 0) out.set('default_lease_ttl', nanos(config.defaultLeaseTtl));
  if (config.maxLeaseTtl !== 0) out.set('max_lease_ttl', nanos(config.maxLeaseTtl));
  if (config.forceNoCache) out.set('force_no_cache', true);
  list('audit_non_hmac_request_keys', config.auditNonHmacRequestKeys);
  list('audit_non_hmac_response_keys', config.auditNonHmacResponseKeys);
  if (config.listingVisibility !== '') out.set('listing_visibility', config.listingVisibility);
  list('passthrough_request_headers', config.passthroughRequestHeaders);
  list('allowed_response_headers', config.allowedResponseHeaders);
  if (config.tokenType !== 'default') out.set('token_type', tokenTypes.indexOf(config.tokenType));
  if (config.userLockout) out.set('user_lockout_config', encodeLockout(config.userLockout));
  if (config.pluginVersion !== '') out.set('plugin_version', config.pluginVersion);
  return out;
}

function encodeLockout(lockout: UserLockout): JsonValue {
  const out = new Map<string, JsonValue>();
  if (lockout.threshold !== 0) out.set('lockout_threshold', lockout.threshold);
  if (lockout.duration !== 0) out.set('lockout_duration', nanos(lockout.duration));
  if (lockout.counterReset !== 0) out.set('lockout_counter_reset', nanos(lockout.counterReset));
  if (lockout.disable) out.set('disable_lockout', true);
  return out;
}

function decodeConfig(config: JsonObject): MountConfig {
  const visibility = config['listing_visibility'];
  const lockout = config['user_lockout_config'];
  return {
    ...defaultConfig(),
    defaultLeaseTtl: micros(config['default_lease_ttl']),
    maxLeaseTtl: micros(config['max_lease_ttl']),
    forceNoCache: config['force_no_cache'] === true,
    auditNonHmacRequestKeys: list(config['audit_non_hmac_request_keys']),
    auditNonHmacResponseKeys: list(config['audit_non_hmac_response_keys']),
    listingVisibility: visibility === 'unauth' || visibility === 'hidden' ? visibility : '',
    passthroughRequestHeaders: list(config['passthrough_request_headers']),
    allowedResponseHeaders: list(config['allowed_response_headers']),
    tokenType: tokenTypes[integer(config['token_type'])] ?? 'default',
    pluginVersion: text(config['plugin_version']),
    userLockout: isObject(lockout)
      ? {
          threshold: integer(lockout['lockout_threshold']),
          duration: micros(lockout['lockout_duration']),
          counterReset: micros(lockout['lockout_counter_reset']),
          disable: lockout['disable_lockout'] === true,
        }
      : undefined,
  };
}

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

const list = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

function texts(object: JsonObject): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [key, value] of Object.entries(object)) if (typeof value === 'string') out[key] = value;
  return out;
}

function integer(value: JsonValue | undefined): number {
  if (typeof value === 'number') return value;
  return value instanceof JsonNumber ? Number(value.literal) : 0;
}

// Go's durations are nanoseconds, which pass 2^53 after 104 days: the literal is made and read as text.
const nanos = (micros: number): JsonNumber => new JsonNumber(micros === 0 ? '0' : `${micros}000`);

function micros(value: JsonValue | undefined): number {
  if (typeof value === 'number') return Math.trunc(value / 1000);
  return value instanceof JsonNumber ? Number(BigInt(value.literal) / 1000n) : 0;
}
