/**
 * Another OpenBao server over its API, as upstream's Go client asks it: three tries, `PUT` for writes, and errors in
 * the client's own words. For the transit seal, and for keys that are in another server's transit engine.
 */
import { isObject, JsonError, parse, parseObject, print, type JsonObject, type JsonValue } from '../../codec/json.ts';
import { kindOf } from '../../codec/json-value.ts';
import { asStrings } from '../../codec/json-fields.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { failure } from '../../fault.ts';
import { MILLISECOND, NetworkError, SECOND } from '../../runtime.ts';
import type { Micros, OutgoingResponse, OutgoingTls, Runtime } from '../../runtime.ts';

export interface BaoServer {
  /** `https://host:port`, without a slash at the end. */
  readonly address: string;
  readonly token: string;
  /** '' for the root namespace. */
  readonly namespace: string;
  readonly tls: OutgoingTls | undefined;
}

/** Of one try. */
const TIMEOUT: Micros = 60 * SECOND;
/** api.DefaultConfig: the pause before a retry is between these, times the number of tries so far. */
const RETRIES = 2;
const LEAST: Micros = 1_000 * MILLISECOND;
const MOST: Micros = 1_500 * MILLISECOND;

export class BaoClient {
  readonly #runtime: Runtime;
  readonly #server: BaoServer;

  constructor(runtime: Runtime, server: BaoServer) {
    this.#runtime = runtime;
    this.#server = server;
  }

  /** The answer's body; {} when it has none. Throws a Fault with the Go client's text. */
  write(path: string, body: JsonObject): Promise<JsonObject> {
    return this.#ask('PUT', path, encodeUtf8(print(body)));
  }

  /** Likewise. `path` may have a query; nothing there is {}, too. */
  read(path: string): Promise<JsonObject> {
    return this.#ask('GET', path, undefined);
  }

  async #ask(method: 'GET' | 'PUT', path: string, body: Uint8Array | undefined): Promise<JsonObject> {
    const url = `${this.#server.address}/v1/${path}`;
    let answer: OutgoingResponse;
    try {
      answer = await this.#tried(method, url, body);
    } catch (error) {
      if (error instanceof NetworkError)
        throw failure(`${method === 'PUT' ? 'Put' : 'Get'} "${url}": ${error.message}`);
      throw error;
    }
    if (method === 'GET' && answer.status === 404) return {};
    if (answer.status >= 400) throw failure(apiError(method, url, this.#server.namespace, answer));
    return answer.body.length === 0 ? {} : secretIn(answer.body);
  }

  async #tried(method: string, url: string, body: Uint8Array | undefined): Promise<OutgoingResponse> {
    const { web, clock, random } = this.#runtime;
    const { token, namespace, tls } = this.#server;
    const headers = {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      'X-Vault-Request': 'true',
      ...(token === '' ? {} : { 'X-Vault-Token': token }),
      ...(namespace === '' ? {} : { 'X-Vault-Namespace': namespace }),
    };
    const request = {
      method,
      url,
      headers,
      timeout: TIMEOUT,
      ...(body === undefined ? {} : { body }),
      ...(tls === undefined ? {} : { tls }),
    };
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await web.request(request);
        if (attempt === RETRIES || !isRetried(answer.status)) return answer;
      } catch (error) {
        if (attempt === RETRIES || !(error instanceof NetworkError)) throw error;
      }
      await clock.sleep((LEAST + random.below(MOST - LEAST)) * (attempt + 1));
    }
  }
}

const isRetried = (status: number): boolean => status === 412 || status === 429 || (status >= 500 && status !== 501);

function secretIn(body: Uint8Array): JsonObject {
  const value = parse(body);
  if (isObject(value)) return value;
  throw new JsonError(`json: cannot unmarshal ${kindOf(value)} into Go value of type api.Secret`);
}

function apiError(method: string, url: string, namespace: string, { status, body }: OutgoingResponse): string {
  const errors = errorsOf(body);
  const where = namespace === '' ? '' : `Namespace: ${namespace}\n`;
  const kind = errors === undefined ? 'Raw Message' : 'Errors';
  const lines = errors ?? [decodeUtf8(body)];
  return `Error making API request.\n\n${where}URL: ${method} ${url}\nCode: ${status}. ${kind}:\n\n${lines.map((line) => `* ${line}`).join('\n')}`;
}

function errorsOf(body: Uint8Array): readonly string[] | undefined {
  let parsed: JsonValue;
  try {
    parsed = parseObject(body);
  } catch {
    // Not from a server of this kind: shown as it is.
    return undefined;
  }
  return isObject(parsed) ? (asStrings(parsed['errors']) ?? []) : undefined;
}
