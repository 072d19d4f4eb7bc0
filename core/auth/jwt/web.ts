/** Documents of identity providers over Runtime.web, with errors in the words of Go's http client. */
import { quote } from '../../codec/go-quote.ts';
import { decodeUtf8 } from '../../codec/utf8.ts';
import { urlFault } from '../../codec/go-url-fault.ts';
import { decodePems } from '../../codec/pem.ts';
import { parseCertificate } from '../../crypto/x509/certificate.ts';
import { unlessMalformed } from '../../crypto/x509/error.ts';
import { NetworkError, SECOND } from '../../runtime.ts';
import type { OutgoingRequest, OutgoingResponse, OutgoingTls, Web } from '../../runtime.ts';

/** As long as a request may take by default: a provider that is silent costs a login, and never hangs it for longer. */
const TIMEOUT = 90 * SECOND;
const MOST_REDIRECTS = 10;

/** The provider cannot be asked, or answers with something else than was hoped for. */
export class ProviderError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProviderError';
  }
}

/** How a provider is reached. */
export interface Reach {
  readonly web: Web;
  readonly tls: OutgoingTls;
}

/** Throws ProviderError for PEM without any certificate. */
export function reachOf(web: Web, ca: string): Reach {
  if (ca === '') return { web, tls: {} };
  const found = decodePems(ca).some(({ bytes }) => unlessMalformed(() => parseCertificate(bytes)) !== undefined);
  if (!found) throw new ProviderError('could not parse CA PEM value successfully');
  return { web, tls: { ca } };
}

type Asked = Pick<OutgoingRequest, 'method' | 'url'> & Partial<Pick<OutgoingRequest, 'headers' | 'body'>>;

const title = (method: string): string => method.charAt(0) + method.slice(1).toLowerCase();

/** Follows redirects of GET requests. Throws ProviderError. */
export async function ask(reach: Reach, request: Asked): Promise<OutgoingResponse> {
  const start = title(request.method);
  let { url } = request;
  for (let turn = 0; turn < MOST_REDIRECTS; turn++) {
    const wrong = urlFault(url);
    if (wrong !== undefined) throw new ProviderError(wrong);
    if (!/^https?:\/\//i.test(url)) {
      const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1] ?? '';
      throw new ProviderError(`${start} ${quote(url)}: unsupported protocol scheme ${quote(scheme)}`);
    }
    let answer: OutgoingResponse;
    try {
      answer = await reach.web.request({ headers: {}, ...request, url, timeout: TIMEOUT, tls: reach.tls });
    } catch (error) {
      if (error instanceof NetworkError) throw new ProviderError(`${start} ${quote(url)}: ${error.message}`);
      throw error;
    }
    const to = answer.headers.get('location')?.[0];
    if (to === undefined || request.method !== 'GET' || ![301, 302, 303, 307, 308].includes(answer.status))
      return answer;
    url = /^https?:/i.test(to) ? to : url.replace(/^(https?:\/\/[^/]*).*$/i, `$1${to}`);
  }
  throw new ProviderError(`${start} ${quote(url)}: stopped after ${MOST_REDIRECTS} redirects`);
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** As Go's Response.Status. */
export const statusLine = (status: number): string => `${status} ${REASONS[status] ?? ''}`.trimEnd();

export const bodyText = (answer: OutgoingResponse): string => decodeUtf8(answer.body);
