/** http-01 (RFC 8555, section 8.3): the proof is at a known place of the name's web server. */
import { quote } from '../../../codec/go-quote.ts';
import { decodeUtf8 } from '../../../codec/utf8.ts';
import { askWeb, WebError, isRedirect, redirected } from '../../../framework/web-call.ts';
import { type OutgoingResponse, type Runtime } from '../../../runtime.ts';
import { PATIENCE, type Check } from './check.ts';

const LARGEST = 512;
const MOST_REDIRECTS = 10;
const LONGEST_URL = 2000;

export const checkHttp: Check = async ({ identifier, token, thumbprint, resolver, runtime }) => {
  const host = identifier.isIpv6 ? `[${identifier.value}]` : identifier.value;
  const path = `http://${host}/.well-known/acme-challenge/${token}`;
  let answer: OutgoingResponse | string;
  try {
    answer = await fetched(path, resolver, runtime);
  } catch (error) {
    if (!(error instanceof WebError)) throw error;
    answer = error.message;
  }
  if (typeof answer === 'string') return `http-01: failed to fetch path ${path}: ${answer}`;
  const { body } = answer;
  if (body.length > LARGEST) {
    return `http-01: response too large: received ${LARGEST + 1} > ${LARGEST} bytes`;
  }
  const least = token.length + 1 + thumbprint.length;
  if (body.length < least) return `http-01: response too small: received ${body.length} < ${least} bytes`;
  const parts = decodeUtf8(body).trim().split('.');
  if (parts.length !== 2) return `invalid authorization: got ${parts.length} parts, expected 2`;
  return parts[0] === token && parts[1] === thumbprint ? undefined : 'key authorization was invalid';
};

/** Follows redirects; a text is why it did not. */
async function fetched(path: string, resolver: string, runtime: Runtime): Promise<OutgoingResponse | string> {
  let url = path;
  for (let hops = 1; ; hops++) {
    const answer = await askWeb(runtime.web, {
      method: 'GET',
      url,
      headers: { 'User-Agent': 'Go-http-client/1.1' },
      timeout: PATIENCE,
      tls: { skipVerify: true },
      resolver,
    });
    const location = answer.headers.get('location')?.[0];
    if (!isRedirect(answer) || location === undefined) return answer;
    if (hops + 1 >= MOST_REDIRECTS) return `Get ${quote(location)}: http-01: too many redirects: ${hops + 1}`;
    const next = redirected(url, location);
    if (next === undefined) return `failed to parse Location header ${quote(location)}`;
    url = next;
    if (url.length > LONGEST_URL) return `http-01: redirect url length too long: ${url.length}`;
  }
}
