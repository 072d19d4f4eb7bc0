/** Endpoints that a listener may answer without a token, in whatever state the node is: metrics, profiles, requests. */
import { noBytes } from '../codec/bytes.ts';
import type { ApiNode } from './api.ts';
import { responseReply } from './envelope.ts';
import { logicalRequest } from './logical-request.ts';
import type { HttpRequest } from './message.ts';
import type { Reply } from './reply.ts';
import { plainError } from './reply.ts';
import { parseQuery } from './url.ts';
import type { Target } from './url.ts';

const PPROF = 'sys/pprof/';

/** Undefined where the request path has to answer. */
export async function openReply(
  path: string,
  request: HttpRequest,
  target: Target,
  node: ApiNode,
): Promise<Reply | undefined> {
  const { unauthenticatedMetrics, unauthenticatedInFlight, unauthenticatedPprof } = node.options;
  if (path === 'sys/metrics') {
    if (request.method !== 'GET') return plainError(405);
    return unauthenticatedMetrics === true ? metrics(request, target, node) : undefined;
  }
  if (path === 'sys/in-flight-req' && unauthenticatedInFlight === true) {
    return request.method === 'GET' ? read(request, target, node) : plainError(405);
  }
  // Whatever the method.
  if (path.startsWith(PPROF) && unauthenticatedPprof === true) {
    return read({ ...request, method: 'GET', body: noBytes }, target, node);
  }
  return undefined;
}

async function metrics(request: HttpRequest, target: Target, node: ApiNode): Promise<Reply | undefined> {
  const format = parseQuery(target.rawQuery).values.get('format')?.[0] ?? '';
  const raw = await node.metrics?.(format, request.headers.get('accept')?.[0] ?? '');
  return raw && { status: raw.status, headers: [['Content-Type', raw.contentType]], body: raw.body };
}

async function read(request: HttpRequest, target: Target, node: ApiNode): Promise<Reply | undefined> {
  if (node.open === undefined) return undefined;
  const logical = await logicalRequest(request, target, node);
  return responseReply(logical, await node.open(logical));
}
