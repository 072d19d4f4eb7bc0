/** Token entries and accessors as stored, byte for byte as upstream writes them. */
import { asBoolean, asNumber, asString, asStringMap, asStrings } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import { parseObject, print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { SECOND } from '../../runtime.ts';
import type { AccessorEntry, TokenEntry } from '../services.ts';
import { fromNanos, toNanos } from './nanos.ts';
import { tokenTypeNumber, tokenTypeOf } from './token-type.ts';

export function encodeToken(entry: TokenEntry): Uint8Array {
  const fields = new Map<string, JsonValue>([
    ['type', tokenTypeNumber(entry.type)],
    ['id', entry.id],
    ['accessor', entry.accessor],
    ['parent', entry.parent],
    ['policies', entry.policies],
    ['inline_policy', entry.inlinePolicy],
    ['path', entry.path],
    ['meta', entry.meta ?? null],
    // Upstream writes an empty map only for wrapping tokens.
    ['internal_meta', entry.internalMeta ?? (entry.policies[0] === 'response-wrapping' ? {} : null)],
    ['display_name', entry.displayName],
    ['num_uses', entry.numUses],
    ['creation_time', Math.floor(entry.creationTime / SECOND)],
    ['ttl', toNanos(entry.ttl)],
    ['explicit_max_ttl', toNanos(entry.explicitMaxTtl)],
    ['role', entry.role],
    ['period', toNanos(entry.period)],
    // Names from before upstream settled on snake case, kept for its own sake.
    ['DisplayName', ''],
    ['NumUses', 0],
    ['CreationTime', 0],
    ['ExplicitMaxTTL', 0],
    ['entity_id', entry.entityId],
    ['no_identity_policies', entry.noIdentityPolicies],
    ['bound_cidrs', entry.boundCidrs.length === 0 ? null : entry.boundCidrs],
    ['namespace_id', entry.namespaceId],
    // A folder derived from the token's own name (40 digits) is never stored.
    ['cubbyhole_id', entry.cubbyholeId.length === 40 ? '' : entry.cubbyholeId],
  ]);
  if (entry.strictlyBindIp) fields.set('strictly_bind_ip', true);
  return encodeUtf8(print(fields));
}

/** Throws JsonError for what is no JSON object. */
export function decodeToken(bytes: Uint8Array): TokenEntry {
  const stored = parseObject(bytes);
  const text = (key: string): string => asString(stored[key]) ?? '';
  const internalMeta = asStringMap(stored['internal_meta']);
  return {
    id: text('id'),
    accessor: text('accessor'),
    parent: text('parent'),
    policies: asStrings(stored['policies']) ?? [],
    inlinePolicy: text('inline_policy'),
    path: text('path'),
    meta: asStringMap(stored['meta']),
    displayName: text('display_name'),
    numUses: asNumber(stored['num_uses']) ?? 0,
    creationTime: (asNumber(stored['creation_time']) ?? 0) * SECOND,
    ttl: fromNanos(stored['ttl']),
    explicitMaxTtl: fromNanos(stored['explicit_max_ttl']),
    period: fromNanos(stored['period']),
    role: text('role'),
    entityId: text('entity_id'),
    noIdentityPolicies: asBoolean(stored['no_identity_policies']) ?? false,
    namespaceId: text('namespace_id'),
    cubbyholeId: text('cubbyhole_id'),
    type: tokenTypeOf(asNumber(stored['type']) ?? 0),
    boundCidrs: asStrings(stored['bound_cidrs']) ?? [],
    strictlyBindIp: asBoolean(stored['strictly_bind_ip']) ?? false,
    ...(internalMeta !== undefined && Object.keys(internalMeta).length > 0 && { internalMeta }),
  };
}

export const encodeAccessor = (entry: AccessorEntry): Uint8Array =>
  encodeUtf8(
    print(
      new Map([
        ['token_id', entry.tokenId],
        ['accessor_id', entry.accessorId],
        ['namespace_id', entry.namespaceId],
      ]),
    ) + '\n',
  );

/** Throws JsonError. */
export function decodeAccessor(bytes: Uint8Array): AccessorEntry {
  const stored = parseObject(bytes);
  return {
    tokenId: asString(stored['token_id']) ?? '',
    accessorId: asString(stored['accessor_id']) ?? '',
    namespaceId: asString(stored['namespace_id']) ?? '',
  };
}
