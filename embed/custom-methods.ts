/**
 * LIST and SCAN through Mock Service Worker, whose parser of HTTP knows neither and lets them through to the network:
 * on the way to one address they become what the API takes for the same, `GET …?list=true` and `?scan=true`.
 */
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';

const QUERIES: Readonly<Record<string, string>> = { LIST: 'list=true', SCAN: 'scan=true' };

const withQuery = (path: string, query: string): string => `${path}${path.includes('?') ? '&' : '?'}${query}`;

/** Until the returned function is called. */
export function listByQuery(address: string): () => void {
  const { origin } = new URL(address);
  let active = true;
  const undo = [
    patchFetch(origin, () => active),
    ...[http, https].map((room) => patchRequest(room, origin, () => active)),
  ];
  return () => {
    active = false;
    for (const restore of undo) restore();
    syncBuiltinESMExports();
  };
}

function patchFetch(origin: string, active: () => boolean): () => void {
  const before = globalThis.fetch;
  const patched: typeof fetch = (input, init) => {
    const request = input instanceof Request ? input : undefined;
    const query = QUERIES[(init?.method ?? request?.method ?? 'GET').toUpperCase()];
    const url = new URL(input instanceof Request ? input.url : input, 'http://relative.invalid');
    if (!active() || query === undefined || url.origin !== origin) return before(input, init);
    const asked = withQuery(url.href, query);
    // A request cannot be told another method: it is made anew from the old one's parts.
    const headers = init?.headers ?? request?.headers;
    return before(asked, { ...init, method: 'GET', ...(headers === undefined ? {} : { headers }) });
  };
  globalThis.fetch = patched;
  return () => {
    if (globalThis.fetch === patched) globalThis.fetch = before;
  };
}

type Room = typeof http | typeof https;

function patchRequest(room: Room, origin: string, active: () => boolean): () => void {
  const before = room.request;
  const patched = (...args: unknown[]): http.ClientRequest => {
    const sent = active() ? rewritten(args, origin, room === https) : args;
    return (before as (...all: unknown[]) => http.ClientRequest).apply(room, sent);
  };
  room.request = patched;
  syncBuiltinESMExports();
  return () => {
    if (room.request === patched) room.request = before;
  };
}

/** The arguments of http.request: a URL, options or both, and a callback. */
function rewritten(args: unknown[], origin: string, tls: boolean): unknown[] {
  const [first, second] = args;
  const hasUrl = typeof first === 'string' || first instanceof URL;
  const options = { ...(hasUrl ? urlOptions(new URL(first)) : (first as http.RequestOptions)) };
  if (hasUrl && typeof second === 'object') Object.assign(options, second);
  const query = QUERIES[(options.method ?? 'GET').toUpperCase()];
  if (query === undefined || originOf(options, tls) !== origin) return args;
  const rest = args.slice(hasUrl && typeof second === 'object' ? 2 : 1);
  return [{ ...options, method: 'GET', path: withQuery(options.path ?? '/', query) }, ...rest];
}

const urlOptions = ({ protocol, hostname, port, pathname, search }: URL): http.RequestOptions => ({
  protocol,
  hostname: hostname.replace(/^\[|\]$/g, ''),
  port,
  path: pathname + search,
});

function originOf({ protocol, hostname, host, port }: http.RequestOptions, tls: boolean): string {
  const name = hostname ?? host ?? 'localhost';
  const at = `${protocol ?? (tls ? 'https:' : 'http:')}//${name.includes(':') ? `[${name}]` : name}`;
  return new URL(port === undefined || port === null || port === '' ? at : `${at}:${port}`).origin;
}
