/**
 * The API without a transport: what comes before the request path, in upstream's order (facts §5.1), and the answer
 * put into HTTP. The host's listener and the simulated network call the same function.
 */
import { noBytes } from '../codec/bytes.ts';
import { isPrintableText } from '../codec/go-quote.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Request } from '../framework/logical.ts';
import { ReadOnly } from '../storage/storage.ts';
import type { ApiNode, ApiOptions } from './api.ts';
import { bodyLimit, bodyTooLarge } from './body-limit.ts';
import { checkIndex, indexHeader } from './consistency.ts';
import { responseReply } from './envelope.ts';
import { crossing } from './cors.ts';
import { errorReply } from './errors.ts';
import { forwardRequest } from './forwarding.ts';
import { healthReply } from './health.ts';
import { passage, pathOf } from './limits.ts';
import { asksForHelp, EmptyRefusal, logicalRequest } from './logical-request.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from './message.ts';
import { UI_HEADERS, pageAt } from './page.ts';
import { openReply } from './open-endpoints.ts';
import { raftBootstrapReply, raftJoinReply } from './raft-membership.ts';
import type { Header, Reply } from './reply.ts';
import { logCompleted, type Trail } from './request-log.ts';
import { rootOnlyNames } from './root-only.ts';
import { errors, finish, NO_API, plainError, redirect } from './reply.ts';
import { generateRootReply, rekeyReply } from './key-holders.ts';
import { initReply, leaderReply, sealStatusReply, unsealReply } from './unsealing.ts';
import { cleanPath, parseTarget, writtenPath } from './url.ts';
import type { Target } from './url.ts';

type Outcome = Reply | { readonly answer: HttpResponse };

const rootOnly = rootOnlyNames.map((name) => `/v1/sys/${name}`);

/** Registered in upstream's mux with a trailing slash only. */
const folders: ReadonlySet<string> = new Set([
  '/ui',
  '/v1',
  '/v1/sys',
  '/v1/sys/audit-hash',
  '/v1/sys/config/state',
  '/v1/sys/pprof',
]);

/** `options` are the listener's, where they differ from the node's own. */
export function createHttpHandler(own: ApiNode, options: ApiOptions = own.options): HttpHandler {
  const node = options === own.options ? own : withOptions(own, options);
  return async (request) => {
    await node.runtime.cpu.spend('http');
    const level = node.requestsLevel;
    if (level === undefined) return answered(request, node, {});
    const trail: Trail = {};
    const start = node.runtime.clock.wall();
    const response = await answered(request, node, trail);
    if (response !== undefined) logCompleted(node, request, trail, { level, start, status: response.status });
    return response;
  };
}

async function answered(request: HttpRequest, node: ApiNode, trail: Trail): Promise<HttpResponse | undefined> {
  const outcome = await answer(request, node, trail);
  if ('answer' in outcome) return outcome.answer;
  return outcome.drop === true ? undefined : finish(outcome, extraHeaders(request, node));
}

/** The same node, seen through another listener. */
function withOptions(node: ApiNode, options: ApiOptions): ApiNode {
  return new Proxy(node, {
    get(_, name) {
      if (name === 'options') return options;
      const member: unknown = Reflect.get(node, name, node);
      return typeof member === 'function' ? member.bind(node) : member;
    },
  });
}

function extraHeaders(request: HttpRequest, node: ApiNode): Header[] {
  const extra: Header[] = [];
  const namespace = request.headers.get('x-vault-namespace')?.[0];
  if (namespace !== undefined && namespace !== '') extra.push(['X-Vault-Namespace', namespace]);
  if (node.options.hostname !== undefined) extra.push(['X-Vault-Hostname', node.options.hostname]);
  if (node.options.raftNodeId !== undefined) extra.push(['X-Vault-Raft-Node-Id', node.options.raftNodeId]);
  return extra;
}

async function answer(request: HttpRequest, node: ApiNode, trail: Trail): Promise<Outcome> {
  if (request.body.length > bodyLimit(request, node.options.maxRequestSize)) return bodyTooLarge;
  const target = parseTarget(request.url);
  if (target === undefined) return badRequest;
  if (node.options.allowUnprintablePaths !== true && !isPrintableText(target.path)) return { status: 400, bare: true };
  const known = target.path.startsWith('/v1/') || target.path.startsWith('/ui') || isOdd(target.path);
  if (!known) return plainError(404);
  trail.path = target.path;
  if (node.options.requireRequestHeader === true && request.headers.get('x-vault-request')?.[0] !== 'true') {
    return errors(412, "missing 'X-Vault-Request' header");
  }
  const namespace = request.headers.get('x-vault-namespace')?.[0] ?? '';
  if (namespace !== '' && rootOnly.some((path) => target.path === path || target.path.startsWith(`${path}/`))) {
    return errors(400, 'operation unavailable in namespaces');
  }
  return admitted(request, target, node, trail);
}

/** What is read, and of which folder, is settled first: whom a quota holds up has to be known. */
async function admitted(request: HttpRequest, target: Target, node: ApiNode, trail: Trail): Promise<Outcome> {
  try {
    const passed = await passage(request, target, node);
    if (passed === undefined) return await crossed(request, target, node, trail);
    return withHeaders(passed.refusal ?? (await crossed(request, target, node, trail)), passed.headers);
  } catch (error) {
    if (error instanceof EmptyRefusal) return plainError(error.status);
    return errorReply(error);
  }
}

async function crossed(request: HttpRequest, target: Target, node: ApiNode, trail: Trail): Promise<Outcome> {
  const across = crossing(request, node);
  if (across === undefined) return heard(request, target, node, trail);
  return withHeaders(across.reply ?? (await heard(request, target, node, trail)), across.headers);
}

async function heard(request: HttpRequest, target: Target, node: ApiNode, trail: Trail): Promise<Outcome> {
  // Help is not asked how new it has to be.
  const index = asksForHelp(request, target) ? 'go on' : await checkIndex(request, node);
  if (index === 'forward') return await forwardRequest(request, node);
  return index === 'go on' ? serve(request, target, node, trail) : index;
}

async function serve(request: HttpRequest, target: Target, node: ApiNode, trail: Trail): Promise<Outcome> {
  // Upstream looks for help before it looks at where the path leads.
  const help = asksForHelp(request, target);
  if (help && !target.path.startsWith('/v1/')) return errors(404, NO_API);
  const elsewhere = help ? undefined : moved(request, target, node);
  if (elsewhere !== undefined) return redirect(request.method, elsewhere);
  try {
    return await dispatch(request, target, node, trail);
  } catch (error) {
    if (error instanceof EmptyRefusal) return plainError(error.status);
    return errorReply(error, pathOf(request, target));
  }
}

const withHeaders = (outcome: Outcome, headers: readonly Header[]): Outcome =>
  'answer' in outcome || headers.length === 0
    ? outcome
    : { ...outcome, headers: [...(outcome.headers ?? []), ...headers] };

const badRequest: Reply = {
  status: 400,
  bare: true,
  headers: [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Connection', 'close'],
  ],
  body: encodeUtf8('400 Bad Request'),
};

const isOdd = (path: string): boolean => path === '/' || path === '/robots.txt';

function moved(request: HttpRequest, target: Target, node: ApiNode): string | undefined {
  if (request.method === 'CONNECT') return undefined;
  if (target.path === '/') return node.options.ui ? '/ui/' : undefined;
  const clean = cleanPath(target.rawPath);
  const path = folders.has(clean) ? `${clean}/` : clean;
  if (node.options.ui && isOutside(clean)) return '/ui/';
  if (path === target.rawPath) return undefined;
  const location = writtenPath(path);
  return target.rawQuery === '' ? location : `${location}?${target.rawQuery}`;
}

/** Neither the API's nor the user interface's. */
const isOutside = (path: string): boolean => path.startsWith('/ui') && !path.startsWith('/ui/');

async function dispatch(request: HttpRequest, target: Target, node: ApiNode, trail: Trail): Promise<Outcome> {
  if (!target.path.startsWith('/v1/')) return node.options.ui ? uiReply(target) : notFound;
  const path = target.path.slice('/v1/'.length);
  // Help is answered by the request path wherever it is asked.
  if (!asksForHelp(request, target)) {
    try {
      const own = await ownEndpoint(path, request, target, node);
      if (own !== undefined) return own;
    } catch (error) {
      if (error instanceof ReadOnly) return await forwardRequest(request, node);
      throw error;
    }
  }
  if (node.route() === 'forward') return await forwardRequest(request, node);
  const logical = await logicalRequest(request, target, node);
  trail.request = logical;
  try {
    const response = await node.handle(logical);
    const reply = responseReply(logical, response);
    const good = reply.status >= 200 && reply.status < 300;
    // What an engine answers in its own way has an index whatever it says.
    const indexed = (good || response?.raw !== undefined) && !isUnindexed(logical);
    const own = indexed ? indexHeader(node) : undefined;
    const header = own instanceof Promise ? await own : own;
    return header === undefined ? reply : { ...reply, headers: [...(reply.headers ?? []), header] };
  } catch (error) {
    if (!(error instanceof ReadOnly)) throw error;
    // Upstream hands on no questions for help.
    if (logical.operation === 'help') return errors(500, 'please forward to the active node');
    return await forwardRequest(request, node);
  }
}

/** Help is not asked of the storage, and a snapshot has begun to flow when its index would be known. */
const isUnindexed = ({ operation, path }: Request): boolean =>
  operation === 'help' || (operation === 'read' && path === 'sys/storage/raft/snapshot');

function uiReply({ path, rawQuery }: Target): Reply {
  const headers: Header[] = [...UI_HEADERS, ['Vary', 'Accept-Encoding']];
  // Go's file server wants the folder instead.
  if (/\/index\.html\/?$/.test(path)) {
    const location = rawQuery === '' ? './' : `./?${rawQuery}`;
    return { status: 301, headers: [...headers, ['Location', location]], body: noBytes };
  }
  const { contentType, body } = pageAt(path);
  return { status: 200, headers: [...headers, ['Content-Type', contentType]], body };
}

/** The user interface is off. */
const notFound: Reply = {
  status: 404,
  headers: [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['X-Content-Type-Options', 'nosniff'],
  ],
  body: encodeUtf8('404 page not found\n'),
};

/** What the HTTP layer answers without the request path; undefined for everything else. */
async function ownEndpoint(
  path: string,
  request: HttpRequest,
  target: Target,
  node: ApiNode,
): Promise<Reply | undefined> {
  switch (path) {
    case 'sys/health':
      return healthReply(request, target, node);
    case 'sys/seal-status':
      return sealStatusReply(request, node);
    case 'sys/leader':
      return leaderReply(request, node);
    case 'sys/init':
      return initReply(request, node);
    case 'sys/unseal':
      return unsealReply(request, node);
    case 'sys/seal':
    case 'sys/step-down': {
      const logical = await logicalRequest(request, target, node);
      if (logical.operation !== 'update') return plainError(405);
      await (path === 'sys/seal' ? node.seal(logical) : node.stepDown(logical));
      return { status: 204 };
    }
    case 'sys/storage/raft/join':
      return raftJoinReply(request, node);
    case 'sys/storage/raft/bootstrap':
      return raftBootstrapReply(request, node);
    case 'sys/generate-root/attempt':
    case 'sys/generate-root/update':
      // Off unless configured (facts §1.9); the request path refuses then.
      if (node.options.unauthenticatedGenerateRoot !== true) return undefined;
      return generateRootReply(path, request, target, node);
    case 'sys/rekey/init':
    case 'sys/rekey/update':
    case 'sys/rekey/verify':
    case 'sys/rekey-recovery-key/init':
    case 'sys/rekey-recovery-key/update':
    case 'sys/rekey-recovery-key/verify':
      if (node.options.unauthenticatedRekey !== true) return undefined;
      return rekeyReply(path, request, target, node);
    default:
      return openReply(path, request, target, node);
  }
}
