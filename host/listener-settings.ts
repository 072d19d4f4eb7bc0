/** What a listener does to requests and answers before and after the node: custom headers and forwarded addresses. */
import type { HttpHandler, HttpRequest, HttpResponse } from '../core/http/message.ts';
import { print } from '../core/codec/json.ts';
import { encodeUtf8 } from '../core/codec/utf8.ts';
import { inCidrs } from '../core/server/cidr.ts';
import type { Log } from '../core/runtime.ts';
import type { ListenerConfiguration } from '../core/server/configuration/configuration.ts';
import { isReserved } from '../core/server/configuration/response-headers.ts';
import type { ResponseHeaders } from '../core/server/configuration/response-headers.ts';

/** The node's handler as clients of this listener see it; the handler itself where nothing is configured. */
export function withSettings(handler: HttpHandler, listener: ListenerConfiguration, log: Log): HttpHandler {
  const { customResponseHeaders } = listener;
  const inner =
    customResponseHeaders.size === 0 ? handler : withHeaders(handler, permitted(customResponseHeaders, log));
  return listener.xForwardedFor.authorized.length === 0 ? inner : withForwarded(inner, listener);
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
function withHeaders(handler: HttpHandler, configured: ResponseHeaders): HttpHandler {
  const of = (status: string): Headers => configured.get(status) ?? [];
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

/** Behind proxies that are trusted, the client is who they say. */
function withForwarded(handler: HttpHandler, { xForwardedFor }: ListenerConfiguration): HttpHandler {
  const { authorized, hopSkips, rejectNotPresent, rejectNotAuthorized } = xForwardedFor;
  return (request) => {
    const values = request.headers.get('x-forwarded-for');
    if (values === undefined) {
      return rejectNotPresent
        ? refuse('missing x-forwarded-for header and configured to reject when not present')
        : handler(request);
    }
    if (!inCidrs(request.remote.address, authorized)) {
      return rejectNotAuthorized
        ? refuse('client address not authorized for x-forwarded-for and configured to reject connection')
        : handler(request);
    }
    const chain = values.flatMap((value) => value.split(',')).map((address) => address.trim());
    const address = chain[chain.length - 1 - hopSkips];
    if (address === undefined) {
      const text = `hops to skip (${hopSkips}) would skip before earliest chain link (chain length ${chain.length})`;
      return refuse(`malformed x-forwarded-for configuration or request, ${text}`);
    }
    const seen: HttpRequest = { ...request, remote: { address, port: request.remote.port } };
    return handler(seen);
  };
}

/** These come before everything else, so they lack the headers that every other answer has. */
function refuse(text: string): Promise<HttpResponse> {
  const body = encodeUtf8(`${print({ errors: [text] })}\n`);
  return Promise.resolve({ status: 400, headers: [['Content-Type', 'application/json']], body });
}
