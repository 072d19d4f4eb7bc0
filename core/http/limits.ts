/** The rate-limit quotas' place in the HTTP layer: before anything is known of caller, namespace or route. */
import { quote } from '../codec/go-quote.ts';
import type { ApiNode } from './api.ts';
import { EmptyRefusal, flag } from './logical-request.ts';
import type { HttpRequest } from './message.ts';
import type { Header, Reply } from './reply.ts';
import { errors } from './reply.ts';
import type { Target } from './url.ts';
import { parseQuery } from './url.ts';

export interface Passage {
  /** Go into the answer. */
  readonly headers: readonly Header[];
  /** Set when the request may not go on. */
  readonly refusal?: Reply;
}

/** Undefined where nothing is counted, which is the usual case. Throws EmptyRefusal for a listing that makes no sense. */
export async function passage(request: HttpRequest, target: Target, node: ApiNode): Promise<Passage | undefined> {
  if (!target.path.startsWith('/v1/')) return undefined;
  const path = pathOf(request, target);
  if (node.limit === undefined) return undefined;
  const limited = await node.limit(request, path);
  if (limited === undefined) return undefined;
  if (limited.allowed) return { headers: limited.headers };
  const text = `request path ${quote(path)}: rate limit quota exceeded`;
  return { headers: limited.headers, refusal: errors(429, text) };
}

/** Behind /v1/; lists and scans are of folders. */
export function pathOf(request: HttpRequest, target: Target): string {
  const path = target.path.slice('/v1/'.length);
  const listing = request.method === 'LIST' || request.method === 'SCAN' || (request.method === 'GET' && asks(target));
  return listing && !path.endsWith('/') ? `${path}/` : path;
}

function asks({ rawQuery }: Target): boolean {
  if (!rawQuery.includes('list=') && !rawQuery.includes('scan=')) return false;
  const { values } = parseQuery(rawQuery);
  const [list, scan] = ['list', 'scan'].map((name) => flag(values.get(name)));
  if (list && scan) throw new EmptyRefusal(400);
  return list === true || scan === true;
}
