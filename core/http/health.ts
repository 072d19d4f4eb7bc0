/** sys/health: one code for each state, each to be chosen by the caller (facts §3.8). */
import type { JsonValue } from '../codec/json.ts';
import { StorageFailed } from '../fault.ts';
import type { ApiNode, Health } from './api.ts';
import { parseBool } from './logical-request.ts';
import type { HttpRequest } from './message.ts';
import type { Reply } from './reply.ts';
import { json, plainError } from './reply.ts';
import { parseQuery } from './url.ts';
import type { Target } from './url.ts';

interface Codes {
  uninitialised: number;
  sealed: number;
  standby: number;
  active: number;
}

export async function healthReply(request: HttpRequest, target: Target, node: ApiNode): Promise<Reply> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return plainError(405);
  const query = parseQuery(target.rawQuery).values;
  const codes = codesOf(query);
  if (codes === undefined) return request.method === 'HEAD' ? { status: 400, untyped: true } : plainError(400);
  let health: Health;
  try {
    health = await node.health();
  } catch (error) {
    if (!(error instanceof StorageFailed)) throw error;
    return plainError(500);
  }
  const status = statusFor(health, codes);
  // A status that HTTP does not have breaks the connection; below 200 the real answer follows the interim one.
  if (status < 100 || status > 999) return { status: 500, drop: true };
  const final = status < 200 ? 200 : status;
  if (request.method === 'HEAD' || final === 204 || final === 304) return { status: final };
  return json(final, bodyOf(health, node));
}

function statusFor(health: Health, codes: Codes): number {
  if (!health.initialised) return codes.uninitialised;
  if (health.sealed) return codes.sealed;
  return health.standby ? codes.standby : codes.active;
}

/** Undefined when a parameter is no number or no boolean. */
function codesOf(query: ReadonlyMap<string, readonly string[]>): Codes | undefined {
  const code = (name: string, usual: number): number => {
    const text = query.get(name)?.[0];
    if (text === undefined) return usual;
    return /^[+-]?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  };
  const codes: Codes = {
    uninitialised: code('uninitcode', 501),
    sealed: code('sealedcode', 503),
    standby: code('standbycode', 429),
    active: code('activecode', 200),
  };
  const standbyOk = query.get('standbyok')?.[0] ?? '';
  const ok = standbyOk === '' ? false : parseBool(standbyOk);
  if (ok === undefined || Object.values(codes).some(Number.isNaN)) return undefined;
  if (ok) codes.standby = codes.active;
  return codes;
}

function bodyOf(health: Health, node: ApiNode): ReadonlyMap<string, JsonValue> {
  const fields = new Map<string, JsonValue>([
    ['initialized', health.initialised],
    ['sealed', health.sealed],
    ['standby', health.standby],
    ['replication_performance_mode', health.performanceMode],
    ['replication_dr_mode', health.drMode],
    ['server_time_utc', Math.floor(node.runtime.clock.wall() / 1_000_000)],
    ['version', node.options.version],
  ]);
  if (health.clusterName !== undefined) fields.set('cluster_name', health.clusterName);
  if (health.clusterId !== undefined) fields.set('cluster_id', health.clusterId);
  return fields;
}
