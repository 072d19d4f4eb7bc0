/** Documents of identity providers over Runtime.web, with errors in the words of Go's http client. */
import { decodeUtf8 } from '../../codec/utf8.ts';
import { statusText } from '../../codec/http-status.ts';
import { urlFault } from '../../codec/go-url-fault.ts';
import { decodePems } from '../../codec/pem.ts';
import { parseCertificate } from '../../crypto/x509/certificate.ts';
import { unlessMalformed } from '../../crypto/x509/error.ts';
import { followWeb, WebError } from '../../framework/web-call.ts';
import { SECOND } from '../../runtime.ts';
import type { OutgoingRequest, OutgoingResponse, OutgoingTls, Web } from '../../runtime.ts';

/** As long as a request may take by default: a provider that is silent costs a login, and never hangs it for longer. */
const TIMEOUT = 90 * SECOND;

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

/** Follows redirects of GET requests. Throws ProviderError. */
export async function ask({ web, tls }: Reach, request: Asked): Promise<OutgoingResponse> {
  const wrong = urlFault(request.url);
  if (wrong !== undefined) throw new ProviderError(wrong);
  try {
    return await followWeb(web, { headers: {}, ...request, timeout: TIMEOUT, tls });
  } catch (error) {
    throw error instanceof WebError ? new ProviderError(error.message) : error;
  }
}

/** As Go's Response.Status. */
export const statusLine = (status: number): string => `${status} ${statusText(status)}`.trimEnd();

export const bodyText = (answer: OutgoingResponse): string => decodeUtf8(answer.body);
