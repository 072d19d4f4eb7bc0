/** What is asked of the Kubernetes API: whether a token is good and whose it is, and the labels of a namespace. */
import { urlFault } from '../../codec/go-url-fault.ts';
import { asBoolean, asObject, asString, asStrings } from '../../codec/json-fields.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { isObject, JsonError, kindOf, parse, print } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { askWeb, escapedAddress, followWeb, WebError, webFault } from '../../framework/web-call.ts';
import { SECOND, type OutgoingResponse, type Web } from '../../runtime.ts';
import type { KubernetesConfig } from './config.ts';
import type { ServiceAccount } from './service-account.ts';

/** As long as a request may take by default: an API that is silent costs a login, and never hangs it for longer. */
const TIMEOUT = 90 * SECOND;

/** The API does not say what was hoped for; the message tells, but for a namespace, only the log. */
export class ApiError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ApiError';
  }
}

/** Rejects with ApiError. */
async function ask(
  web: Web,
  { host, ca }: Pick<KubernetesConfig, 'host' | 'ca'>,
  bearer: string,
  path: string,
  body?: ReadonlyMap<string, JsonValue>,
): Promise<OutgoingResponse> {
  const url = addressOf(host, path);
  const method = body === undefined ? 'GET' : 'POST';
  try {
    const request = {
      method,
      url: escapedAddress(url),
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/json',
        Authorization: headerText(method, url, `Bearer ${bearer}`.trim()),
      },
      ...(body === undefined ? {} : { body: encodeUtf8(print(body)) }),
      timeout: TIMEOUT,
      tls: { ca },
    };
    return await (body === undefined ? followWeb(web, request) : askWeb(web, request));
  } catch (error) {
    throw error instanceof WebError ? new ApiError(error.message) : error;
  }
}

const addressOf = (host: string, path: string): string => `${host.replace(/\/$/, '')}${path}`;

/** A header's bytes, each as a character. Throws WebError. */
function headerText(method: string, url: string, value: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what a header must not hold
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) {
    throw webFault({ method, url }, 'net/http: invalid header field value for "Authorization"');
  }
  return [...encodeUtf8(value)].map((byte) => String.fromCharCode(byte)).join('');
}

/** Throws ApiError, whose message starts with `prefix`, for what is no JSON. */
function objectIn({ body }: OutgoingResponse, prefix = ''): JsonObject {
  try {
    const value = parse(body);
    if (isObject(value)) return value;
    throw new ApiError(`${prefix}json: cannot unmarshal ${kindOf(value)} into an object`);
  } catch (error) {
    throw error instanceof JsonError ? new ApiError(prefix + error.message) : error;
  }
}

/**
 * Asks whether a token is good, for one of the audiences where there are any, and whether it is of this account.
 * Rejects with ApiError.
 */
export async function review(
  web: Web,
  config: KubernetesConfig,
  token: string,
  audiences: readonly string[],
  account: ServiceAccount,
): Promise<void> {
  const bearer = config.reviewerToken === '' ? token : config.reviewerToken;
  const wanted = audiences.length === 0 ? [] : [['audiences', audiences] as const];
  const spec = new Map<string, JsonValue>([['token', token], ...wanted]);
  const body = new Map<string, JsonValue>([
    ['metadata', {}],
    ['spec', spec],
    ['status', { user: {} }],
  ]);
  const wrong = urlFault(config.host);
  if (wrong !== undefined) throw new ApiError(wrong);
  const answer = await ask(web, config, bearer, '/apis/authentication.k8s.io/v1/tokenreviews', body);
  if (answer.status < 200 || answer.status > 206) throw new ApiError(`the API answered ${answer.status}`);
  const status = asObject(objectIn(answer)['status']);
  if (status === undefined) throw new ApiError('no token review');
  const complaint = asString(status['error']) ?? '';
  if (complaint !== '') throw new ApiError(`lookup failed: ${complaint}`);
  if (asBoolean(status['authenticated']) !== true) throw new ApiError('lookup failed: service account jwt not valid');
  const good = asStrings(status['audiences']) ?? [];
  if (audiences.length > 0 && !audiences.some((one) => good.includes(one))) {
    throw new ApiError(`lookup failed: good for [${good.join(' ')}], but wanted [${audiences.join(' ')}]`);
  }
  const user = asObject(status['user']) ?? {};
  const expected = `system:serviceaccount:${account.namespace}:${account.name}`;
  const named = asString(user['username']) ?? '';
  if (named !== expected || named.split(':').length !== 4) throw new ApiError(`lookup failed: it is of ${named}`);
  const uid = asString(user['uid']) ?? '';
  if (account.uid === '' || uid !== account.uid) throw new ApiError(`lookup failed: it is of uid ${uid}`);
}

/** Rejects with ApiError. */
export async function labelsOf(
  web: Web,
  config: KubernetesConfig,
  namespace: string,
): Promise<Readonly<Record<string, string>>> {
  const path = `/api/v1/namespaces/${namespace}`;
  const wrong = urlFault(addressOf(config.host, path));
  if (wrong !== undefined) throw new ApiError(wrong);
  if (config.reviewerToken === '') {
    throw new ApiError('namespace lookup failed: TokenReviewer JWT needs to be configured to use namespace selectors');
  }
  const answer = await ask(web, config, config.reviewerToken, path);
  if (answer.status !== 200) {
    const fields = objectIn(answer, 'failed to parse error status on namespace retrieval failure err=');
    if (fields['status'] !== 'Success') {
      const message = asString(fields['message']) ?? '';
      throw new ApiError(`failed to get namespace (code ${answer.status} status ${message})`);
    }
  }
  const { status, metadata } = objectIn(answer);
  if (typeof status === 'string') {
    throw new ApiError(
      'json: cannot unmarshal string into Go struct field Namespace.status of type v1.NamespaceStatus',
    );
  }
  const labels = asObject(asObject(metadata)?.['labels']) ?? {};
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, asString(value) ?? '']));
}
