/** From an HTTP request to what the request path takes: operation, path, data, token, wrapping. */
import { emptyObject } from '../codec/json.ts';
import type { JsonObject } from '../codec/json.ts';
import { TextList } from '../codec/go-type.ts';
import { makeUuid } from '../codec/uuid.ts';
import { coded } from '../fault.ts';
import { toMicros } from '../framework/coerce-time.ts';
import type { Operation, Request, WrapRequest } from '../framework/logical.ts';
import { rootNamespace } from '../framework/root-namespace.ts';
import type { ApiNode } from './api.ts';
import { isSnapshot } from './body-limit.ts';
import { bodyData } from './body.ts';
import { mediaType } from '../codec/media-type.ts';
import type { HttpRequest } from './message.ts';
import { isRelative, parseQuery, unescape } from './url.ts';
import type { Target } from './url.ts';

/** A refusal whose list of errors is empty. */
export class EmptyRefusal extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}

interface Meaning {
  readonly operation: Operation;
  readonly path: string;
  readonly data: JsonObject;
  readonly rawBody?: Uint8Array;
}

/** What this has to know of a node. */
export type Understanding = Pick<ApiNode, 'runtime' | 'options' | 'health' | 'isBinary'>;

/** Throws Fault or EmptyRefusal. */
export async function logicalRequest(request: HttpRequest, target: Target, node: Understanding): Promise<Request> {
  const path = target.path.slice('/v1/'.length);
  const { operation, ...meaning } = meaningOf(request, target, path, node);
  const wrap = operation === 'help' ? undefined : wrapOf(request);
  if (operation !== 'help') checkMfa(request);
  if (node.options.allowRelativePaths !== true && isRelative(target)) {
    throw coded(400, 'relative paths not supported');
  }
  const asSent = segmentsOf(target);
  return {
    id: makeUuid((length) => node.runtime.random.bytes(length)),
    operation,
    ...meaning,
    ...(asSent === undefined ? {} : { asSent }),
    // The request path finds out which it is.
    namespace: rootNamespace,
    clientToken: tokenOf(request),
    headers: request.headers,
    remote: request.remote,
    ...(request.tls === undefined ? {} : { clientCertificates: request.tls.clientCertificates }),
    ...(wrap === undefined ? {} : { wrap }),
    unauthenticated: false,
    standby: false,
  };
}

/** Slashes in percents do not part a path for Go's multiplexer. */
function segmentsOf({ rawPath }: Target): string | undefined {
  if (!/%2f/i.test(rawPath)) return undefined;
  return unescape(rawPath.replaceAll(/%2f/gi, '%00'))?.slice('/v1/'.length);
}

/** HELP, and `?help=…` on any method. */
export function asksForHelp({ method }: HttpRequest, { rawQuery }: Target): boolean {
  return (
    method === 'HELP' || (rawQuery.includes('help') && (parseQuery(rawQuery).values.get('help')?.[0] ?? '') !== '')
  );
}

function meaningOf(request: HttpRequest, target: Target, path: string, node: Understanding): Meaning {
  const { method } = request;
  if (asksForHelp(request, target)) return { operation: 'help', path, data: queryData(target.rawQuery) };
  switch (method) {
    case 'GET':
      return reading(target.rawQuery, path);
    case 'DELETE':
      return { operation: 'delete', path, data: queryData(target.rawQuery) };
    case 'HEAD':
      return { operation: 'header', path, data: queryData(target.rawQuery) };
    case 'LIST':
      return { operation: 'list', path: asFolder(path), data: queryData(target.rawQuery) };
    case 'SCAN':
      return { operation: 'scan', path: asFolder(path), data: queryData(target.rawQuery) };
    case 'POST':
    case 'PUT':
      if (
        isOcsp(request) ||
        isSnapshot(request) ||
        node.isBinary(path, request.headers.get('x-vault-namespace')?.[0])
      ) {
        return { operation: 'update', path, data: emptyObject(), rawBody: request.body };
      }
      return { operation: 'update', path, data: bodyData(request, node.options) };
    case 'PATCH':
      return patching(request, path, node);
    case 'OPTIONS':
      return { operation: 'options', path, data: emptyObject() };
    default:
      throw new EmptyRefusal(405);
  }
}

const isOcsp = ({ headers }: HttpRequest): boolean =>
  mediaType(headers.get('content-type')?.[0] ?? '').type === 'application/ocsp-request';

const asFolder = (path: string): string => (path.endsWith('/') ? path : `${path}/`);

/** Parameters that come once are strings, others lists; `help` is reserved. */
function queryData(query: string): JsonObject {
  const data = emptyObject();
  if (query === '') return data;
  for (const [key, values] of parseQuery(query).values) {
    if (key !== 'help') data[key] = values.length === 1 ? values[0]! : TextList.from(values);
  }
  return data;
}

function reading(query: string, path: string): Meaning {
  const data = queryData(query);
  const list = flag(data['list']);
  const scan = flag(data['scan']);
  if (list && scan) throw new EmptyRefusal(400);
  if (!list && !scan) return { operation: 'read', path, data };
  // One that says no stays, as a parameter that nobody knows.
  delete data[list ? 'list' : 'scan'];
  return { operation: list ? 'list' : 'scan', path: asFolder(path), data };
}

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** strconv.ParseBool; undefined for anything else. */
export const parseBool = (text: string): boolean | undefined =>
  TRUE.has(text) ? true : FALSE.has(text) ? false : undefined;

/** Of a query's parameter, the first where there are several. Throws EmptyRefusal. */
export function flag(value: unknown): boolean {
  const text: unknown = Array.isArray(value) ? (value as unknown[])[0] : value;
  if (typeof text !== 'string' || text === '') return false;
  const parsed = parseBool(text);
  if (parsed === undefined) throw new EmptyRefusal(400);
  return parsed;
}

function patching(request: HttpRequest, path: string, node: Understanding): Meaning {
  const given = request.headers.get('content-type')?.[0] ?? '';
  const { type, error } = mediaType(given);
  if (error !== undefined) throw coded(400, error);
  if (type !== 'application/merge-patch+json') {
    throw coded(415, `PATCH requires Content-Type of application/merge-patch+json, provided ${type}`);
  }
  return { operation: 'patch', path, data: bodyData(request, node.options) };
}

/** X-Vault-Token, else the first Authorization header that is a bearer token. */
export function tokenOf(request: HttpRequest): string {
  const token = request.headers.get('x-vault-token')?.[0];
  if (token !== undefined && token !== '') return token;
  for (const value of request.headers.get('authorization') ?? []) {
    if (value.startsWith('Bearer ')) return value.slice('Bearer '.length).trim();
  }
  return '';
}

/** What comes along to confirm a login names its method, and after a colon says something. */
function checkMfa(request: HttpRequest): void {
  for (const value of request.headers.get('x-vault-mfa') ?? []) {
    const missing = value.startsWith(':') ? 'name or ID' : /^[^:]*:$/.test(value) ? 'value' : undefined;
    if (missing === undefined) continue;
    const wrong = `invalid data in header "X-Vault-MFA"; missing method ${missing}`;
    throw coded(400, `failed to parse X-Vault-MFA header: ${wrong}`);
  }
}

function wrapOf(request: HttpRequest): WrapRequest | undefined {
  const asked = request.headers.get('x-vault-wrap-ttl')?.[0];
  if (asked === undefined || asked === '') return undefined;
  let ttl: number;
  try {
    ttl = toMicros(asked);
  } catch (error) {
    throw coded(
      400,
      `error parsing X-Vault-Wrap-TTL header: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (ttl < 0) throw coded(400, 'error parsing X-Vault-Wrap-TTL header: requested wrap ttl cannot be negative');
  if (ttl === 0) return undefined;
  return { ttl, format: request.headers.get('x-vault-wrap-format')?.[0] === 'jwt' ? 'jwt' : 'uuid' };
}
