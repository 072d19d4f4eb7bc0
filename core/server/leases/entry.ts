/** Lease entries as stored at `sys/expire/id/<lease id>`, byte for byte as upstream writes them. */
import { asBoolean, asNumber, asObject, asString, asStringMap, asStrings } from '../../codec/json-fields.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { parseObject, print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Alias, Auth, Secret } from '../../framework/logical.ts';
import type { Micros } from '../../runtime.ts';
import { fromNanos, fromStoredTime, toNanos, toStoredTime } from '../tokens/nanos.ts';
import { tokenTypeNumber, tokenTypeOf } from '../tokens/token-type.ts';

/** Times are wall micros, 0: never. Replaced, not changed in place. */
export interface LeaseEntry {
  readonly leaseId: string;
  readonly clientToken: string;
  /** Of the token that a secret belongs to; 0 for a token's own lease. */
  readonly tokenType: number;
  readonly path: string;
  readonly data: JsonObject | ReadonlyMap<string, JsonValue> | undefined;
  readonly secret: Secret | undefined;
  readonly auth: Auth | undefined;
  readonly issueTime: Micros;
  readonly expireTime: Micros;
  readonly lastRenewal: Micros;
  readonly loginRole: string;
  /** Not empty: revocation was given up. */
  readonly revokeError: string;
}

const orNull = <T extends JsonValue>(value: T | undefined): T | null => value ?? null;

function secretFields(secret: Secret): Map<string, JsonValue> {
  return new Map<string, JsonValue>([
    ['lease', toNanos(secret.ttl)],
    ['max_ttl', toNanos(secret.maxTtl)],
    ['renewable', secret.renewable],
    ['internal_data', secret.internal],
    ['LeaseID', ''],
  ]);
}

const aliasFields = (alias: Alias): Map<string, JsonValue> =>
  new Map<string, JsonValue>([
    ['mount_type', alias.mountType],
    ['mount_accessor', alias.mountAccessor],
    ['name', alias.name],
    ...(alias.metadata === undefined ? [] : [['metadata', alias.metadata] as [string, JsonValue]]),
  ]);

function authFields(auth: Auth): Map<string, JsonValue> {
  const metadata = auth.metadataGiven === true || Object.keys(auth.metadata).length > 0 ? auth.metadata : null;
  const internal = Object.keys(auth.internal).length === 0 ? null : auth.internal;
  return new Map<string, JsonValue>([
    ['lease', toNanos(auth.ttl)],
    ['max_ttl', toNanos(auth.maxTtl)],
    ['renewable', auth.renewable],
    ['internal_data', internal],
    ['display_name', auth.displayName],
    ['policies', auth.policies],
    ['token_policies', orNull(auth.tokenPolicies)],
    ['identity_policies', auth.identityPolicies?.length ? auth.identityPolicies : null],
    ['external_namespace_policies', null],
    ['no_default_policy', auth.noDefaultPolicy ?? false],
    ['metadata', metadata],
    ['client_token', auth.clientToken ?? ''],
    ['accessor', auth.accessor ?? ''],
    ['period', toNanos(auth.period ?? 0)],
    ['explicit_max_ttl', toNanos(auth.explicitMaxTtl ?? 0)],
    ['num_uses', auth.numUses ?? 0],
    ['entity_id', auth.entityId ?? ''],
    ['alias', auth.alias === undefined ? null : aliasFields(auth.alias)],
    ['group_aliases', null],
    ['bound_cidrs', auth.boundCidrs?.length ? auth.boundCidrs : null],
    ['creation_path', auth.creationPath ?? ''],
    ['token_type', tokenTypeNumber(auth.tokenType)],
    ['orphan', auth.orphan ?? false],
    ['policy_results', null],
    ['mfa_requirement', null],
    ['entity_created', auth.entityCreated ?? false],
    ['list_scan_response_keys_filter_path', ''],
  ]);
}

export function encodeLease(entry: LeaseEntry): Uint8Array {
  const { auth, secret } = entry;
  const fields = new Map<string, JsonValue>([
    ['lease_id', entry.leaseId],
    ['client_token', entry.clientToken],
    ['token_type', entry.tokenType],
    ['path', entry.path],
    ['data', entry.data === undefined ? null : sorted(entry.data)],
    ['secret', secret === undefined ? null : secretFields(secret)],
    ['auth', auth === undefined ? null : authFields(auth)],
    ['issue_time', toStoredTime(entry.issueTime)],
    ['expire_time', toStoredTime(entry.expireTime)],
    ['last_renewal_time', toStoredTime(entry.lastRenewal)],
    ['login_role', entry.loginRole],
    ['version', 1],
    ['revokeErr', entry.revokeError],
  ]);
  return encodeUtf8(print(fields));
}

const sorted = (data: JsonObject | ReadonlyMap<string, JsonValue>): JsonObject =>
  data instanceof Map ? (Object.fromEntries(data) as JsonObject) : (data as JsonObject);

/** Throws JsonError for what is no JSON object. */
export function decodeLease(bytes: Uint8Array): LeaseEntry {
  const stored = parseObject(bytes);
  const text = (key: string): string => asString(stored[key]) ?? '';
  const secret = asObject(stored['secret']);
  const auth = asObject(stored['auth']);
  return {
    leaseId: text('lease_id'),
    clientToken: text('client_token'),
    tokenType: asNumber(stored['token_type']) ?? 0,
    path: text('path'),
    data: asObject(stored['data']),
    secret: secret === undefined ? undefined : secretOf(secret),
    auth: auth === undefined ? undefined : authOf(auth),
    issueTime: fromStoredTime(stored['issue_time']),
    expireTime: fromStoredTime(stored['expire_time']),
    lastRenewal: fromStoredTime(stored['last_renewal_time']),
    loginRole: text('login_role'),
    revokeError: text('revokeErr'),
  };
}

const secretOf = (stored: JsonObject): Secret => ({
  ttl: fromNanos(stored['lease']),
  maxTtl: fromNanos(stored['max_ttl']),
  renewable: asBoolean(stored['renewable']) ?? false,
  internal: asObject(stored['internal_data']) ?? {},
});

function authOf(stored: JsonObject): Auth {
  const text = (key: string): string => asString(stored[key]) ?? '';
  const alias = asObject(stored['alias']);
  const tokenPolicies = asStrings(stored['token_policies']);
  const identityPolicies = asStrings(stored['identity_policies']);
  const boundCidrs = asStrings(stored['bound_cidrs']);
  const aliasMetadata = alias === undefined ? undefined : asStringMap(alias['metadata']);
  const metadata = asStringMap(stored['metadata']);
  return {
    ttl: fromNanos(stored['lease']),
    maxTtl: fromNanos(stored['max_ttl']),
    renewable: asBoolean(stored['renewable']) ?? false,
    internal: asObject(stored['internal_data']) ?? {},
    displayName: text('display_name'),
    policies: asStrings(stored['policies']) ?? [],
    ...(tokenPolicies && { tokenPolicies }),
    ...(identityPolicies && { identityPolicies }),
    noDefaultPolicy: asBoolean(stored['no_default_policy']) ?? false,
    metadata: metadata ?? {},
    metadataGiven: metadata !== undefined,
    clientToken: text('client_token'),
    accessor: text('accessor'),
    period: fromNanos(stored['period']),
    explicitMaxTtl: fromNanos(stored['explicit_max_ttl']),
    numUses: asNumber(stored['num_uses']) ?? 0,
    entityId: text('entity_id'),
    ...(alias && {
      alias: {
        mountType: asString(alias['mount_type']) ?? '',
        mountAccessor: asString(alias['mount_accessor']) ?? '',
        name: asString(alias['name']) ?? '',
        ...(aliasMetadata && { metadata: aliasMetadata }),
      },
    }),
    ...(boundCidrs && { boundCidrs }),
    tokenType: tokenTypeOf(asNumber(stored['token_type']) ?? 0),
    creationPath: text('creation_path'),
    orphan: asBoolean(stored['orphan']) ?? false,
    entityCreated: asBoolean(stored['entity_created']) ?? false,
  };
}
