/** Asking other people's HTTP services, with what goes wrong in the words of Go's net/http and net/url. */
import { escapePath } from '../codec/go-url.ts';
import { quote } from '../codec/go-quote.ts';
import { NetworkError, type OutgoingRequest, type OutgoingResponse, type Web } from '../runtime.ts';

/** There was no answer: `Get "http://…": dial tcp …: connect: connection refused`. Whether anything was done is not known. */
export class WebError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WebError';
  }
}

/** Rejects with WebError. */
export async function askWeb(web: Web, request: OutgoingRequest): Promise<OutgoingResponse> {
  const scheme = schemeOf(request.url);
  if (scheme !== 'http' && scheme !== 'https') {
    throw told(request, `unsupported protocol scheme ${quote(scheme)}`);
  }
  try {
    return await web.request(request);
  } catch (error) {
    throw error instanceof NetworkError ? told(request, error.message) : error;
  }
}

const told = ({ method, url }: OutgoingRequest, why: string): WebError =>
  new WebError(`${method[0]!}${method.slice(1).toLowerCase()} ${quote(url)}: ${why}`);

const schemeOf = (url: string): string => /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase() ?? '';

/** A base for addresses, in the form that Go prints; throws WebError with url.Parse's words when it is none. */
export function parseBase(text: string): string {
  if (text.startsWith(':')) throw new WebError(`parse ${quote(text)}: missing protocol scheme`);
  const escape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(text);
  if (escape !== null) throw new WebError(`parse ${quote(text)}: invalid URL escape ${quote(escape[0])}`);
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
