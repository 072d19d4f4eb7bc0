/** Requests that a browser sends from another origin's page, while sys/config/cors allows some. */
import type { ApiNode } from './api.ts';
import type { HttpRequest } from './message.ts';
import type { Header, Reply } from './reply.ts';
import { errors } from './reply.ts';

const allowedMethods: readonly string[] = ['DELETE', 'GET', 'OPTIONS', 'POST', 'PUT', 'LIST', 'SCAN'];
/** Seconds that a browser may remember the answer to a preflight. */
const maxAge = '300';

export interface Crossing {
  /** Go into the answer. */
  readonly headers: readonly Header[];
  /** Set when this is the whole answer: a refusal, or a preflight. */
  readonly reply?: Reply;
}

/** Undefined for requests that say no origin, and while CORS is off. */
export function crossing(request: HttpRequest, node: ApiNode): Crossing | undefined {
  const origin = request.headers.get('origin')?.[0] ?? '';
  const cors = origin === '' ? undefined : node.cors?.();
  if (cors === undefined) return undefined;
  if (!cors.allowedOrigins.includes('*') && !cors.allowedOrigins.includes(origin))
    return { headers: [], reply: errors(403, 'origin not allowed') };
  const preflight = request.method === 'OPTIONS';
  if (preflight && !allowedMethods.includes(request.headers.get('access-control-request-method')?.[0] ?? ''))
    return { headers: [], reply: { status: 405, untyped: true } };
  const headers: Header[] = [
    ['Access-Control-Allow-Origin', origin],
    ['Vary', 'Origin'],
  ];
  if (cors.allowCredentials) headers.push(['Access-Control-Allow-Credentials', 'true']);
  if (!preflight) return { headers };
  headers.push(
    ['Access-Control-Allow-Headers', cors.allowedHeaders.join(',')],
    ['Access-Control-Allow-Methods', allowedMethods.join(',')],
    ['Access-Control-Max-Age', maxAge],
    ['Cache-Control', 'no-store'],
  );
  headers.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return { headers: [], reply: { status: 200, bare: true, headers } };
}
