/** What clients get of a response: the envelope, its older repetition at the top level, help, raw bodies (facts §5.5). */
import { print, printString, sortedKeys } from '../codec/json.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { formatRfc3339 } from '../codec/rfc3339.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Auth, Request, Response } from '../framework/logical.ts';
import { isEmptyList } from '../framework/reply.ts';
import type { Header, Reply } from './reply.ts';
import { plainError, redirect } from './reply.ts';
import { wholeSeconds } from '../runtime.ts';

/** Routes that say everything twice, for clients older than the envelope; a trailing '/' stands for all below it. */
const twice: readonly string[] = [
  'sys/audit',
  'sys/audit/',
  'sys/audit-hash/',
  'sys/auth',
  'sys/auth/',
  'sys/capabilities',
  'sys/capabilities-accessor',
  'sys/capabilities-self',
  'sys/config/auditing/request-headers',
  'sys/config/auditing/request-headers/',
  'sys/config/cors',
  'sys/ha-status',
  'sys/key-status',
  'sys/mounts',
  'sys/mounts/',
  'sys/policy',
  'sys/policy/',
  'sys/rekey/backup',
  'sys/rekey/recovery-key-backup',
  'sys/remount',
  'sys/rotate',
  'sys/rotate/recovery/backup',
  'sys/rotate/root/backup',
  'sys/wrapping/wrap',
];
const saysTwice = (path: string): boolean =>
  path.startsWith('sys/') && twice.some((route) => path === route || (route.endsWith('/') && path.startsWith(route)));

/** A nil response is 404 where something was to be read, else 204. */
export function responseReply(request: Request, response: Response | undefined): Reply {
  if (response === undefined) {
    const reads = ['read', 'header', 'list', 'scan'].includes(request.operation);
    return reads ? plainError(404) : { status: 204 };
  }
  const headers = headersOf(response);
  if (response.raw !== undefined) {
    const { status, contentType, body, follow } = response.raw;
    const type: Header[] = contentType === '' ? [] : [['Content-Type', contentType]];
    const whole = { status, headers: [...headers, ...type], untyped: type.length === 0, body };
    return follow === undefined ? whole : { ...whole, follow };
  }
  if (response.redirect !== undefined) return redirect('POST', response.redirect);
  if (request.operation === 'help') {
    return { status: 200, body: encodeUtf8(`${print(response.data ?? null)}\n`) };
  }
  if (response.status === undefined && response.wrapInfo === undefined && isEmptyList(request, response)) {
    return plainError(404);
  }
  const status = response.status ?? 200;
  if (status === 204) return { status, ...(headers.length > 0 ? { headers } : {}) };
  const text = envelope(request, response);
  // An answer with a status of its own is marshalled upstream, where the usual one is encoded: no line break.
  const body = encodeUtf8(response.status === undefined ? text : text.slice(0, -1));
  return { status, ...(headers.length > 0 ? { headers } : {}), body };
}

function headersOf(response: Response): Header[] {
  const headers: Header[] = [];
  for (const [name, values] of Object.entries(response.headers ?? {})) {
    for (const value of values) headers.push([name, value]);
  }
  return headers;
}

/** The JSON text with its line break. */
export function envelope(request: Request, response: Response): string {
  const { secret, wrapInfo, warnings, auth } = response;
  const wrapped = wrapInfo !== undefined && wrapInfo.token !== '';
  const data = wrapped ? undefined : response.data;
  let text = '{';
  if (data !== undefined && saysTwice(request.asSent ?? request.path)) text += topLevel(data);
  text += `"request_id":${printString(wrapped ? '' : request.id)}`;
  text += `,"lease_id":${printString(secret?.leaseId ?? '')}`;
  text += `,"renewable":${secret?.renewable ?? false}`;
  text += `,"lease_duration":${wholeSeconds(secret?.ttl ?? 0)}`;
  text += `,"data":${data === undefined ? 'null' : print(data)}`;
  text += `,"wrap_info":${wrapInfo === undefined ? 'null' : print(wrapFields(wrapInfo))}`;
  text += `,"warnings":${wrapped || warnings === undefined ? 'null' : print(warnings)}`;
  text += `,"auth":${auth === undefined || wrapped ? 'null' : print(authFields(auth))}`;
  return `${text}}\n`;
}

/** Upstream's order is random; ours is sorted. */
function topLevel(data: NonNullable<Response['data']>): string {
  let text = '';
  if (data instanceof Map) {
    for (const [key, value] of data as ReadonlyMap<string, JsonValue>) text += `${printString(key)}:${print(value)},`;
    return text;
  }
  const object = data as JsonObject;
  for (const key of sortedKeys(object)) text += `${printString(key)}:${print(object[key]!)},`;
  return text;
}

function wrapFields(info: NonNullable<Response['wrapInfo']>): ReadonlyMap<string, JsonValue> {
  const fields = new Map<string, JsonValue>([
    ['token', info.token],
    ['accessor', info.accessor],
    ['ttl', wholeSeconds(info.ttl)],
    ['creation_time', formatRfc3339(info.creationTime)],
    ['creation_path', info.creationPath],
  ]);
  if (info.wrappedAccessor !== undefined && info.wrappedAccessor !== '') {
    fields.set('wrapped_accessor', info.wrappedAccessor);
  }
  return fields;
}

/** In upstream's order, which is not the alphabet's. */
function mfaFields(requirement: JsonObject | undefined): JsonValue {
  if (requirement === undefined) return null;
  return new Map(['mfa_request_id', 'mfa_constraints'].map((name) => [name, requirement[name] ?? null]));
}

/** In upstream's order. */
export function authFields(auth: Auth): ReadonlyMap<string, JsonValue> {
  const fields = new Map<string, JsonValue>([
    ['client_token', auth.clientToken ?? ''],
    ['accessor', auth.accessor ?? ''],
    ['policies', auth.mfaRequirement === undefined ? auth.policies : null],
  ]);
  if (auth.tokenPolicies !== undefined && auth.tokenPolicies.length > 0) {
    fields.set('token_policies', auth.tokenPolicies);
  }
  if (auth.identityPolicies !== undefined && auth.identityPolicies.length > 0) {
    fields.set('identity_policies', auth.identityPolicies);
  }
  const shown = auth.metadataGiven === true || Object.keys(auth.metadata).length > 0;
  const metadata = shown ? auth.metadata : null;
  fields.set('metadata', metadata);
  fields.set('lease_duration', wholeSeconds(auth.ttl));
  fields.set('renewable', auth.renewable);
  fields.set('entity_id', auth.entityId ?? '');
  fields.set('token_type', auth.tokenType);
  fields.set('orphan', auth.orphan ?? false);
  fields.set('mfa_requirement', mfaFields(auth.mfaRequirement));
  fields.set('num_uses', auth.numUses ?? 0);
  return fields;
}
