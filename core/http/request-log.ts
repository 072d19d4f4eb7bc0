/** `log_requests_level`: a line of the log for each request that has been answered. */
import { formatRfc3339 } from '../codec/rfc3339.ts';
import type { Request } from '../framework/logical.ts';
import { type LogLevel, type Micros, MILLISECOND, SECOND } from '../runtime.ts';
import { clientIdOf } from '../server/client-id.ts';
import type { ApiNode } from './api.ts';
import type { HttpRequest } from './message.ts';

/** What is found out about a request on its way. */
export interface Trail {
  /** Decoded; none where the address leads nowhere. */
  path?: string;
  request?: Request;
}

/** Upstream knows these and no synonyms; undefined for what it complains of. */
export function requestsLevel(text: string): LogLevel | undefined {
  const name = text.trim().toLowerCase();
  return (['trace', 'debug', 'info', 'warn', 'error'] as const).find((level) => level === name);
}

export interface Completed {
  readonly level: LogLevel;
  /** Wall clock. */
  readonly start: Micros;
  readonly status: number;
}

export function logCompleted(node: ApiNode, request: HttpRequest, trail: Trail, done: Completed): void {
  if (trail.path === undefined) return;
  const { clock, crypto, log } = node.runtime;
  const { start } = done;
  const caller = trail.request?.caller;
  const { address, port } = request.remote;
  log.write(done.level, 'core', 'completed_request', {
    start_time: formatRfc3339(start - (start % SECOND)),
    duration: `${Math.round((clock.wall() - start) / MILLISECOND)}ms`,
    client_id: caller === undefined ? '' : clientIdOf(caller, crypto),
    client_address: request.headers.get('x-forwarded-for')?.[0] ?? `${address}:${port}`,
    status_code: done.status,
    request_path: trail.path,
    request_method: request.method,
  });
}
