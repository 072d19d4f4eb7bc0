/**
 * A login that comes in the headers of the request it is for (facts §5.1): it is done first, as a request of its own,
 * and the token it gives lives only as long as the request.
 */
import { Base64Error, decodeBase64RawUrl } from '../codec/base64.ts';
import { JsonError, emptyObject, isObject, parse } from '../codec/json.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { makeUuid } from '../codec/uuid.ts';
import type { Fault } from '../fault.ts';
import { coded, failure } from '../fault.ts';
import type { Operation, Request } from '../framework/logical.ts';
import type { Random } from '../runtime.ts';
import type { Entered } from './namespaces/enter.ts';
import { locate } from './namespaces/enter.ts';
import type { NamespaceNode } from './namespaces/node.ts';

const pathHeader = 'x-vault-inline-auth-path';
const operationHeader = 'x-vault-inline-auth-operation';
const namespaceHeader = 'x-vault-inline-auth-namespace';
const parameterPrefix = 'x-vault-inline-auth-parameter-';

/** Set on an answer that is the login's, not the request's. */
export const inlineFailedHeader = 'X-Vault-Inline-Auth-Failed';

export const leasesRefused = 'requests with inline authentication cannot generate leases';

export const inlineFailure = (text: string): Fault => failure(`failed to perform inline authentication: ${text}`);

/** The login that a request brings along; undefined for an ordinary one. Throws what makes it unusable. */
export function inlineLogin(request: Request, random: Random, root: NamespaceNode): Entered | undefined {
  const path = request.headers.get(pathHeader)?.[0];
  if (path === undefined) return undefined;
  if (request.clientToken !== '') throw inlineFailure('cannot layer inline authentication with token authentication');
  const named = request.headers.get(namespaceHeader)?.[0];
  // Without one of its own it is in the namespace that the request's header names.
  const header = named === undefined || named === '' ? request.headers.get('x-vault-namespace')?.[0] : named;
  const located = locate(header, path, root);
  if (located === undefined) throw inlineFailure('inline auth namespace was not found');
  const { entry, realm } = located.node;
  if (realm === undefined) throw coded(503, 'namespace is sealed');
  const { remote, clientCertificates, unauthenticated, standby } = request;
  const login: Request = {
    remote,
    ...(clientCertificates === undefined ? {} : { clientCertificates }),
    unauthenticated,
    standby,
    clientToken: '',
    id: makeUuid((length) => random.bytes(length)),
    operation: operationOf(request),
    path: located.path,
    data: parameters(request),
    namespace: entry,
    headers: withoutInline(request.headers),
  };
  return { active: realm, request: login };
}

const operations: ReadonlySet<string> = new Set(['create', 'read', 'update']);

function operationOf({ headers }: Request): Operation {
  const operation = headers.get(operationHeader)?.[0] ?? '';
  if (operation === '') return 'update';
  if (!operations.has(operation)) {
    throw inlineFailure('expected a valid login operation in X-Vault-Inline-Auth-Operation');
  }
  return operation as Operation;
}

/** Each header is one parameter, whatever its own name is. */
function parameters({ headers }: Request): JsonObject {
  const data = emptyObject();
  for (const [name, values] of headers) {
    if (!name.startsWith(parameterPrefix)) continue;
    for (const value of values) {
      const [key, decoded] = parameter(value);
      data[key] = decoded;
    }
  }
  return data;
}

function parameter(text: string): [string, JsonValue] {
  const object = decoded(text);
  const { key, value } = object;
  if (key === undefined) throw inlineFailure('decoded header lacked `key` field');
  if (typeof key !== 'string') throw inlineFailure('decoded header had incorrect type for `key` field');
  if (value === undefined) throw inlineFailure('decoded header lacked `value` field');
  if (Object.keys(object).length > 2) throw inlineFailure('unexpected field in decoded request parameter');
  return [key, value];
}

function decoded(text: string): JsonObject {
  let object: JsonValue;
  try {
    object = parse(decodeBase64RawUrl(text));
  } catch (error) {
    if (error instanceof Base64Error) throw inlineFailure('failed raw url-safe base64 decoding header value');
    if (error instanceof JsonError) throw inlineFailure('failed json decoding header value');
    throw error;
  }
  if (!isObject(object)) throw inlineFailure('failed json decoding header value');
  return object;
}

const withoutInline = (headers: Request['headers']): Request['headers'] =>
  new Map([...headers].filter(([name]) => !name.startsWith('x-vault-inline-auth-')));
