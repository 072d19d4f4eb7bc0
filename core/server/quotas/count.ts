/** One HTTP request against the quotas of a running node: which mount it is for, which role it logs in with. */
import { quote } from '../../codec/go-quote.ts';
import { Fault } from '../../fault.ts';
import type { ApiNode, Limited } from '../../http/api.ts';
import { logicalRequest } from '../../http/logical-request.ts';
import type { HttpRequest } from '../../http/message.ts';
import { parseTarget } from '../../http/url.ts';
import type { Request } from '../../framework/logical.ts';
import type { Active } from '../active.ts';
import { Trail } from '../audit/trail.ts';
import { locate } from '../namespaces/enter.ts';
import type { Verdict } from './limiter.ts';

export async function countRequest(
  request: HttpRequest,
  path: string,
  active: Active,
  node: ApiNode,
): Promise<Limited> {
  const located = locate(request.headers.get('x-vault-namespace')?.[0], path, active.namespaces.root);
  // What the namespace's header names may not exist; the request path says so later.
  const realm = located?.node.realm;
  const relative = located?.path ?? path;
  const route = realm?.mounts.match(relative);
  const mount = route !== undefined && relative.startsWith(route.point) ? route.point : '';
  const role = () => roleOf(request, relative, realm, node);
  const counted = { namespace: located?.node.entry.path ?? '', path: relative, mount, role };
  const verdict = await active.quotas.take(counted, request.remote.address);
  if (verdict === undefined) return { allowed: true, headers: [] };
  const { auditLogging, responseHeaders } = active.quotas.config;
  if (!verdict.allowed) {
    const { metrics } = active.runtime;
    metrics?.count('vault.quota.rate_limit.violation', 1, { cluster: metrics.cluster, name: verdict.name });
    active.runtime.log.write('trace', 'core', 'request rejected due to rate limit quota violation', {
      request_path: counted.namespace + relative,
    });
    if (auditLogging && active.audit.enabled) await auditRefusal(request, path, active, node);
  }
  return { allowed: verdict.allowed, headers: responseHeaders ? headersOf(verdict) : [] };
}

function headersOf({ limit, remaining, reset, retryAfter }: Verdict): (readonly [string, string])[] {
  const headers: [string, string][] = [];
  if (retryAfter !== undefined) headers.push(['Retry-After', String(retryAfter)]);
  if (limit !== undefined) headers.push(['X-Ratelimit-Limit', String(limit)]);
  if (remaining !== undefined) headers.push(['X-Ratelimit-Remaining', String(remaining)]);
  if (reset !== undefined) headers.push(['X-Ratelimit-Reset', String(reset)]);
  return headers;
}

const logical = async (request: HttpRequest, node: ApiNode): Promise<Request | undefined> => {
  const target = parseTarget(request.url);
  try {
    return target && (await logicalRequest(request, target, node));
  } catch (error) {
    // What cannot be read has no role; the request path will say so itself.
    if (error instanceof Fault) return undefined;
    throw error;
  }
};

/** '' where the login does not tell one. */
async function roleOf(request: HttpRequest, path: string, realm: Active | undefined, node: ApiNode): Promise<string> {
  if (realm === undefined) return '';
  if (request.method !== 'POST' && request.method !== 'PUT') return '';
  const asked = await logical(request, node);
  if (asked === undefined) return '';
  try {
    const response = await realm.mounts.router.route({ ...asked, path, operation: 'resolve-role' });
    const { data } = response ?? {};
    const role: unknown =
      data instanceof Map
        ? (data as ReadonlyMap<string, unknown>).get('role')
        : (data as { role?: unknown } | undefined)?.role;
    return typeof role === 'string' ? role : '';
  } catch (error) {
    if (error instanceof Fault) return '';
    throw error;
  }
}

async function auditRefusal(request: HttpRequest, path: string, active: Active, node: ApiNode): Promise<void> {
  const asked = await logical(request, node);
  if (asked === undefined) return;
  const trail = new Trail(active.audit, { ...asked, clientToken: '' }, active.mounts.router);
  trail.mount = 'unknown';
  await trail.request(`request path ${quote(path)}: rate limit quota exceeded`);
}
