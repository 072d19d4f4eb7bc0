/**
 * The API in recovery mode, which is no more than this: a token for whoever holds the shares, and with it what lies
 * in storage. Everything else is not there, not even the status of the seal.
 */
import { noBytes } from '../codec/bytes.ts';
import { isPrintableText } from '../codec/go-quote.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { coded, unsupportedOperation } from '../fault.ts';
import type { Request, Response } from '../framework/logical.ts';
import type { Runtime } from '../runtime.ts';
import type { RootGeneration } from '../server/seal/root-generation.ts';
import type { ApiOptions } from './api.ts';
import { responseReply } from './envelope.ts';
import { errorReply } from './errors.ts';
import { actionOf, bodyFields, generationReply } from './key-holders.ts';
import { EmptyRefusal, logicalRequest, type Understanding } from './logical-request.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from './message.ts';
import type { Header, Reply } from './reply.ts';
import { errors, json, NO_API, plainError, redirect } from './reply.ts';
import { cleanPath, parseTarget } from './url.ts';
import type { Target } from './url.ts';

/** What the HTTP layer needs of a node in recovery mode. */
export interface RecoveryApi {
  readonly runtime: Runtime;
  readonly options: ApiOptions;
  readonly generation: Pick<RootGeneration, 'status' | 'start' | 'cancel' | 'update'>;
  initialised(): Promise<boolean>;
  /** The token, once the shares have opened the barrier. */
  makeToken(): Promise<string>;
  /** Whether it is the token that was made last; never before there is one. */
  admits(token: string): boolean;
  /** A request to sys/raw. */
  raw(request: Request): Promise<Response | undefined>;
}

const ATTEMPT = '/v1/sys/generate-recovery-token/attempt';
const UPDATE = '/v1/sys/generate-recovery-token/update';
const RAW = '/v1/sys/raw/';
const rootOnly: readonly string[] = [ATTEMPT, UPDATE, RAW];

const plainText: readonly Header[] = [
  ['Cache-Control', 'no-store'],
  ['Content-Type', 'text/plain; charset=utf-8'],
  ['X-Content-Type-Options', 'nosniff'],
];
const usual: readonly Header[] = [
  ['Cache-Control', 'no-store'],
  ['Content-Type', 'application/json'],
];

const notFound: HttpResponse = { status: 404, headers: plainText, body: encodeUtf8('404 page not found\n') };

export function createRecoveryHandler(node: RecoveryApi): HttpHandler {
  return async (request) => {
    const target = parseTarget(request.url);
    if (target === undefined || !isPrintableText(target.path)) {
      return { status: 400, headers: [], body: noBytes };
    }
    const moved = cleanPath(target.rawPath);
    const path = moved === RAW.slice(0, -1) ? RAW : moved;
    if (path !== target.rawPath && target.path.startsWith('/v1/')) {
      const { rawQuery } = target;
      return finished(redirect(request.method, rawQuery === '' ? path : `${path}?${rawQuery}`));
    }
    const reply = await answered(request, target, node);
    return reply === undefined ? notFound : finished(reply);
  };
}

/** Without the header that asks browsers for HTTPS, which every other answer of a server has. */
function finished({ status, headers = [], body = noBytes, untyped }: Reply): HttpResponse {
  const own = new Set([...headers.map(([name]) => name), ...(untyped === true ? ['Content-Type'] : [])]);
  return { status, headers: [...usual.filter(([name]) => !own.has(name)), ...headers], body };
}

/** Undefined where there is nothing. */
async function answered(request: HttpRequest, target: Target, node: RecoveryApi): Promise<Reply | undefined> {
  const { path } = target;
  if (!path.startsWith('/v1/') && !['/', '/robots.txt'].includes(path) && !path.startsWith('/ui')) {
    return plainError(404);
  }
  const namespace = request.headers.get('x-vault-namespace')?.[0] ?? '';
  if (namespace !== '' && rootOnly.some((each) => path.startsWith(each))) {
    return errors(400, 'operation unavailable in namespaces');
  }
  if (request.method === 'HELP' || target.rawQuery.includes('help=')) return help(path);
  try {
    if (path.startsWith(RAW)) return await rawReply(request, target, node);
    if (path !== ATTEMPT && path !== UPDATE) return undefined;
    const asked = { action: actionOf(request.method), fields: bodyFields(request, node.options) };
    const making = { kind: 'recovery', makeToken: () => node.makeToken() } as const;
    const reply = await generationReply(path === UPDATE, asked, node.generation, making);
    if (path === ATTEMPT && reply.status === 200 && !(await node.initialised())) {
      return errors(400, 'server is not yet initialized');
    }
    return reply;
  } catch (error) {
    if (error instanceof EmptyRefusal) return plainError(error.status);
    return errorReply(error);
  }
}

const help = (path: string): Reply => (path.startsWith('/v1/') ? errors(503, 'Vault is sealed') : errors(404, NO_API));

async function rawReply(request: HttpRequest, target: Target, node: RecoveryApi): Promise<Reply> {
  const options = request.method === 'OPTIONS';
  const understanding: Understanding = {
    runtime: node.runtime,
    options: node.options,
    health: () => Promise.reject(coded(503, 'Vault is sealed')),
    isBinary: () => false,
  };
  const logical = options ? undefined : await logicalRequest(unwrapped(request), target, understanding);
  if (!node.admits(request.headers.get('x-vault-token')?.[0] ?? '')) return plainError(403);
  if (logical === undefined) throw unsupportedOperation();
  const response = await node.raw({ ...logical, path: logical.path.slice('sys/'.length) });
  // Upstream prints the answer that there is not.
  if (response === undefined && !['read', 'list'].includes(logical.operation)) return json(200, null);
  return responseReply(logical, response);
}

/** There is nothing to wrap answers with, and nobody looks whether that was asked for. */
function unwrapped(request: HttpRequest): HttpRequest {
  const headers = new Map(request.headers);
  headers.delete('x-vault-wrap-ttl');
  return { ...request, headers };
}
