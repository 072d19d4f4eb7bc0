/** One line of the audit log: upstream's JSON, field by field, empty ones left out. */
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { print } from '../../codec/json.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import type { Auth, Response } from '../../framework/logical.ts';
import { type Micros, SECOND } from '../../runtime.ts';
import { BUILTIN_VERSION } from '../../framework/plugin-version.ts';
import type { MountEntry } from '../mounts/entry.ts';
import { mountPoint } from '../mounts/entry.ts';
import type { AuditedHeaders } from './headers.ts';
import type { Hash } from './hash.ts';
import { hashData } from './hash.ts';
import { rawFields } from './raw-response.ts';
import type { AuditRecord, AuditedAuth, AuditedResponse } from './record.ts';

export interface FormatOptions {
  readonly hash: Hash;
  /** Off: tokens and accessors are hashed, everything else too; `log_raw` shows all. */
  readonly raw: boolean;
  readonly hmacAccessor: boolean;
  readonly elideLists: boolean;
  readonly prefix: string;
  readonly headers: AuditedHeaders;
}

type Row = Map<string, JsonValue>;

/** Sets a field unless it is empty, as Go's omitempty does. */
function put(row: Row, name: string, value: JsonValue | undefined): void {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return;
  if (Array.isArray(value) && value.length === 0) return;
  row.set(name, value);
}

export function formatRequest(record: AuditRecord, at: number, options: FormatOptions): string {
  const row = head('request', record, at, options);
  put(row, 'error', record.error);
  return `${options.prefix}${print(row)}\n`;
}

export function formatResponse(record: AuditedResponse, at: number, options: FormatOptions): string {
  const row = head('response', record, at, options);
  row.set('response', responseRow(record, options));
  put(row, 'error', record.error);
  return `${options.prefix}${print(row)}\n`;
}

function head(type: string, record: AuditRecord, at: number, options: FormatOptions): Row {
  return new Map<string, JsonValue>([
    ['time', formatRfc3339(at)],
    ['type', type],
    ['auth', authRow(record, options)],
    ['request', requestRow(record, options)],
  ]);
}

function authRow(record: AuditRecord, options: FormatOptions): Row {
  const auth = record.auth;
  const row: Row = new Map();
  if (auth === undefined) return row.set('token_type', 'default');
  identityRow(row, auth, options);
  put(row, 'num_uses', auth.numUses);
  put(row, 'remaining_uses', record.remainingUses);
  put(row, 'entity_id', auth.entityId);
  put(row, 'entity_created', auth.entityCreated);
  row.set('token_type', auth.tokenType);
  put(row, 'token_ttl', Math.trunc(auth.ttl / SECOND));
  put(row, 'token_issue_time', issued(auth.issueTime));
  return row;
}

/** Whole seconds; '' where it is not known. */
const issued = (at: Micros): string => (at === 0 ? '' : formatRfc3339(at - (at % SECOND)));

function identityRow(row: Row, auth: AuditedAuth, options: FormatOptions): void {
  const { hide, hideAccessor } = hiders(options);
  put(row, 'client_token', hide(auth.clientToken));
  put(row, 'accessor', hideAccessor(auth.accessor));
  put(row, 'display_name', auth.displayName);
  put(row, 'policies', auth.policies);
  put(row, 'token_policies', auth.tokenPolicies);
  put(row, 'identity_policies', auth.identityPolicies);
  if (auth.policiesElsewhere?.size) row.set('external_namespace_policies', auth.policiesElsewhere);
  put(row, 'no_default_policy', auth.noDefaultPolicy);
  if (auth.allowed !== undefined) {
    const results: Row = new Map([['allowed', auth.allowed]]);
    const granting = auth.granting.map((policy) => {
      const grant: Row = new Map([['name', policy.name]]);
      put(grant, 'namespace_id', policy.namespaceId);
      put(grant, 'namespace_path', policy.namespacePath);
      return grant.set('type', policy.type);
    });
    put(results, 'granting_policies', granting);
    row.set('policy_results', results);
  }
  if (auth.metadata !== undefined && Object.keys(auth.metadata).length > 0) row.set('metadata', { ...auth.metadata });
}

function requestRow(record: AuditRecord, options: FormatOptions): Row {
  const { request } = record;
  const { hide, hideAccessor, hideData } = hiders(options);
  const row: Row = new Map();
  put(row, 'id', request.id);
  put(row, 'client_id', record.clientId);
  row.set('operation', request.operation);
  mountFields(row, record, 'mount_running_version');
  put(row, 'client_token', hide(request.clientToken));
  put(row, 'client_token_accessor', hideAccessor(record.clientTokenAccessor));
  const namespace: Row = new Map([['id', request.namespace.id]]);
  put(namespace, 'path', request.namespace.path);
  row.set('namespace', namespace);
  put(row, 'path', request.path);
  const data = request.data;
  if (Object.keys(data).length > 0) row.set('data', hideData(data, record.entry?.config.auditNonHmacRequestKeys ?? []));
  put(row, 'remote_address', request.remote.address);
  put(row, 'remote_port', request.remote.port);
  put(row, 'wrap_ttl', request.wrap === undefined ? 0 : Math.trunc(request.wrap.ttl / SECOND));
  put(row, 'headers', options.headers.pick(request.headers, options.hash));
  return row;
}

function mountFields(row: Row, record: AuditRecord, version: string): void {
  const entry = record.entry;
  if (entry === undefined) return;
  put(row, 'mount_point', (record.pointPrefix ?? record.request.namespace.path) + mountPoint(entry));
  if (record.pointOnly === true) return;
  put(row, 'mount_type', entry.type);
  if (record.routed) put(row, 'mount_accessor', entry.accessor);
  put(row, version, BUILTIN_VERSION);
  put(row, 'mount_class', classOf(entry));
}

const classOf = (entry: MountEntry): string => (entry.table === 'auth' ? 'auth' : 'secret');

function responseRow(record: AuditedResponse, options: FormatOptions): Row {
  const { response } = record;
  const row: Row = new Map();
  const { hideData } = hiders(options);
  if (response?.auth) row.set('auth', newTokenRow(response.auth, options));
  mountFields(row, record, 'mount_running_plugin_version');
  if (response === undefined) {
    put(row, 'headers', record.headers);
    return row;
  }
  if (response.secret) {
    const { leaseId } = response.secret;
    row.set('secret', new Map(leaseId === undefined ? [] : [['lease_id', leaseId]]));
  }
  const made = rawFields(record.request, response, options.raw);
  const plain = made ?? response.data;
  const data = plain && elided(record, plain, options);
  if (data !== undefined && Object.keys(data).length > 0) {
    row.set('data', hideData(data, record.entry?.config.auditNonHmacResponseKeys ?? []));
  }
  if (made === undefined) put(row, 'warnings', response.warnings);
  put(row, 'redirect', response.redirect);
  if (response.wrapInfo) row.set('wrap_info', wrapRow(response, options));
  put(row, 'headers', record.headers);
  return row;
}

function newTokenRow(auth: Auth, options: FormatOptions): Row {
  const { hide, hideAccessor } = hiders(options);
  const row: Row = new Map();
  put(row, 'client_token', hide(auth.clientToken ?? ''));
  put(row, 'accessor', hideAccessor(auth.accessor ?? ''));
  put(row, 'display_name', auth.displayName);
  put(row, 'policies', auth.policies);
  put(row, 'token_policies', auth.tokenPolicies);
  put(row, 'identity_policies', auth.identityPolicies);
  put(row, 'no_default_policy', auth.noDefaultPolicy);
  if (Object.keys(auth.metadata ?? {}).length > 0) row.set('metadata', { ...auth.metadata });
  put(row, 'num_uses', auth.numUses);
  put(row, 'entity_id', auth.entityId);
  row.set('token_type', auth.tokenType);
  put(row, 'token_ttl', Math.trunc(auth.ttl / SECOND));
  put(row, 'token_issue_time', issued(auth.issueTime ?? 0));
  return row;
}

function wrapRow(response: Response, options: FormatOptions): Row {
  const { hide, hideAccessor } = hiders(options);
  const info = response.wrapInfo!;
  const row: Row = new Map();
  put(row, 'ttl', Math.trunc(info.ttl / SECOND));
  put(row, 'token', hide(info.inside ?? info.token));
  put(row, 'accessor', hideAccessor(info.accessor));
  put(row, 'creation_time', formatRfc3339(info.creationTime));
  put(row, 'creation_path', info.creationPath);
  put(row, 'wrapped_accessor', hideAccessor(info.wrappedAccessor ?? ''));
  return row;
}

/** elide_list_responses: listings are logged as counts. */
function elided(record: AuditedResponse, data: JsonObject | ReadonlyMap<string, JsonValue>, options: FormatOptions) {
  const plain = data instanceof Map ? (Object.fromEntries(data) as JsonObject) : (data as JsonObject);
  if (!options.elideLists || record.request.operation !== 'list') return plain;
  const out = { ...plain };
  if (Array.isArray(out['keys'])) out['keys'] = out['keys'].length;
  const infos = out['key_info'];
  if (typeof infos === 'object' && infos !== null) out['key_info'] = Object.keys(infos).length;
  return out;
}

function hiders(options: FormatOptions) {
  const hide = (text: string) => (text === '' || options.raw ? text : options.hash(text));
  const hideAccessor = (text: string) =>
    text === '' || options.raw || !options.hmacAccessor ? text : options.hash(text);
  const hideData = (data: JsonObject | ReadonlyMap<string, JsonValue>, clear: readonly string[]): JsonValue =>
    options.raw ? data : hashData(data, options.hash, clear);
  return { hide, hideAccessor, hideData };
}
