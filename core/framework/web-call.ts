/** Asking other people's HTTP services, with what goes wrong in the words of Go's net/http and net/url. */
import { printGoUrl } from '../codec/go-url-text.ts';
import { escapePath, parseGoUrl } from '../codec/go-url.ts';
import { quote } from '../codec/go-quote.ts';
import { urlFault } from '../codec/go-url-fault.ts';
import { NetworkError, type OutgoingRequest, type OutgoingResponse, type Web } from '../runtime.ts';

/** There was no answer: `Get "http://…": dial tcp …: connect: connection refused`. Whether anything was done is not known. */
export class WebError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WebError';
  }
}

const LAST_PORT = 65_535;

/** Rejects with WebError. */
export async function askWeb(web: Web, request: OutgoingRequest): Promise<OutgoingResponse> {
  const scheme = schemeOf(request.url);
  if (scheme !== 'http' && scheme !== 'https') {
    throw webFault(request, `unsupported protocol scheme ${quote(scheme)}`);
  }
  const { host, port } = parseGoUrl(request.url) ?? { host: request.url, port: '' };
  if (host === '' && port === '') throw webFault(request, 'http: no Host in request URL');
  if (Number(port) > LAST_PORT) throw webFault(request, `dial tcp: address ${port}: invalid port`);
  try {
    return await web.request(request);
  } catch (error) {
    throw error instanceof NetworkError ? webFault(request, error.message) : error;
  }
}

/** What a request of which nothing came is told as. */
export const webFault = ({ method, url }: Pick<OutgoingRequest, 'method' | 'url'>, why: string): WebError =>
  new WebError(`${method[0]!}${method.slice(1).toLowerCase()} ${quote(printGoUrl(url))}: ${why}`);

const schemeOf = (url: string): string => /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase() ?? '';

/** As Go's client follows them. */
const MOST_REDIRECTS = 10;

/** The same, following redirects of a GET. */
export async function followWeb(web: Web, request: OutgoingRequest): Promise<OutgoingResponse> {
  let { url } = request;
  for (let turn = 0; turn < MOST_REDIRECTS; turn++) {
    const answer = await askWeb(web, { ...request, url });
    const location = isRedirect(answer) ? answer.headers.get('location')?.[0] : undefined;
    const next = location === undefined || request.method !== 'GET' ? undefined : redirected(url, location);
    if (next === undefined) return answer;
    url = next;
  }
  throw webFault({ ...request, url }, `stopped after ${MOST_REDIRECTS} redirects`);
}

export const isRedirect = ({ status }: OutgoingResponse): boolean => [301, 302, 303, 307, 308].includes(status);

/** Where an answer from `from` sends who asked; undefined for what is no address. */
export function redirected(from: string, location: string): string | undefined {
  if (/^https?:\/\//i.test(location)) return location;
  const [origin = '', scheme = ''] = /^(https?:)\/\/[^/?#]*/i.exec(from) ?? [];
  if (location.startsWith('//')) return `${scheme}${location}`;
  return location.startsWith('/') ? `${origin}${location}` : undefined;
}

/** A base for addresses, in the form that Go prints; throws WebError with url.Parse's words when it is none. */
export function parseBase(text: string): string {
  const fault = urlFault(text);
  if (fault !== undefined) throw new WebError(fault);
  const [, origin = '', path = ''] = /^((?:[A-Za-z][A-Za-z0-9+.-]*:)?(?:\/\/[^/?#]*)?)(.*)$/s.exec(text)!;
  // What is escaped already stays so.
  return (
    origin +
    path
      .split(/(%[0-9a-fA-F]{2})/)
      .map((part, at) => (at % 2 === 0 ? escapePath(part) : part))
      .join('')
  );
}

/** An address as Go sends it: the path escaped where it has to be, what follows a question mark as it is. */
export function escapedAddress(url: string): string {
  const at = url.search(/[?#]|$/);
  return parseBase(url.slice(0, at)) + (url[at] === '?' ? url.slice(at).split('#', 1)[0]! : '');
}
