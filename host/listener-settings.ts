/** What a listener does to requests and answers before and after the node: custom headers, metrics, proxies. */
import type { HttpHandler, HttpResponse } from '../core/http/message.ts';
import { encodeUtf8 } from '../core/codec/utf8.ts';
import type { Log } from '../core/runtime.ts';
import type { ListenerConfiguration } from '../core/server/configuration/configuration.ts';
import { isReserved } from '../core/server/configuration/response-headers.ts';
import type { ResponseHeaders } from '../core/server/configuration/response-headers.ts';
import { withForwarded } from './forwarded.ts';

export interface Settled {
  readonly handler: HttpHandler;
  setHeaders(configured: ResponseHeaders): void;
}

/** The node's handler as clients of this listener see it; the handler itself where nothing is configured. */
export function withSettings(handler: HttpHandler, listener: ListenerConfiguration, log: Log): Settled {
  const { customResponseHeaders, metricsOnly, disallowMetrics, xForwardedFor } = listener;
  let headers = permitted(customResponseHeaders, log);
  const headed = withHeaders(handler, () => headers);
  const inner: HttpHandler = (request) => (headers.size === 0 ? handler : headed)(request);
  const metered = withMetricsRules(inner, metricsOnly, disallowMetrics);
  const asked = xForwardedFor.authorized.length > 0 || xForwardedFor.clientCert.header !== '';
  return {
    handler: asked ? withForwarded(metered, xForwardedFor) : metered,
    setHeaders: (configured) => {
      headers = permitted(configured, log);
    },
  };
}

type Headers = HttpResponse['headers'];

/** Without those that are the API's own. */
function permitted(configured: ResponseHeaders, log: Log): ResponseHeaders {
  const kept = [...configured].map(([status, headers]) => {
    const [own, other] = [headers.filter(([name]) => isReserved(name)), headers.filter(([name]) => !isReserved(name))];
    for (const [header] of own) {
      log.write('warn', 'core', 'custom headers starting with X-Vault are not valid', { header });
    }
    return [status, other] as const;
  });
  return new Map(kept);
}

/** The general headers first, then those of the status' class, then those of the status itself. */
function withHeaders(handler: HttpHandler, configured: () => ResponseHeaders): HttpHandler {
  const of = (status: string): Headers => configured().get(status) ?? [];
  return async (request) => {
    const response = await handler(request);
    if (response === undefined || !response.headers.some(([name]) => name === 'Cache-Control')) return response;
    const { status, headers } = response;
    const chosen = new Map(headers);
    for (const [name, value] of [...of('default'), ...of(`${Math.floor(status / 100)}xx`), ...of(String(status))]) {
      chosen.set(name, value);
    }
    return { ...response, headers: [...chosen].sort(([a], [b]) => (a < b ? -1 : 1)) };
  };
}

const METRICS = '/v1/sys/metrics';

/** Listeners that answer metrics and nothing else, or everything else. */
function withMetricsRules(handler: HttpHandler, metricsOnly: boolean, disallowed: boolean): HttpHandler {
  if (!metricsOnly && !disallowed) return handler;
  return (request) => {
    const asks = request.url === METRICS || request.url.startsWith(`${METRICS}?`);
    if (asks && disallowed) return plain(403, 'metrics endpoint is disabled for this listener');
    if (!asks && metricsOnly) return plain(404, 'this listener only serves the metrics endpoint');
    return handler(request);
  };
}

function plain(status: number, text: string): Promise<HttpResponse> {
  const headers: Headers = [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['X-Content-Type-Options', 'nosniff'],
  ];
  return Promise.resolve({ status, headers, body: encodeUtf8(`${text}\n`) });
}
