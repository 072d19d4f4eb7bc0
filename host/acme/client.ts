/** An ACME client (RFC 8555), as far as a listener needs one; what goes wrong is told in the words of upstream's. */
import type { KeyObject } from 'node:crypto';
import { encodeUtf8, decodeUtf8 } from '../../core/codec/utf8.ts';
import { NetworkError, SECOND } from '../../core/runtime.ts';
import type { Log, OutgoingResponse, Web } from '../../core/runtime.ts';
import { publicJwk, signedBody } from './keys.ts';

export class AcmeError extends Error {
  /** The authority's name for it, or ours; '' for none. */
  readonly type: string;
  /** What the authority said, alone. */
  readonly problem: string;
  constructor(message: string, type = '', problem = '') {
    super(message);
    this.type = type;
    this.problem = problem;
  }
}

export interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
}

export interface Identifier {
  readonly type: 'dns' | 'ip';
  readonly value: string;
}

export interface Challenge {
  readonly type: string;
  readonly url: string;
  readonly status: string;
  readonly token: string;
  readonly error?: Problem;
}

export interface Authorization {
  readonly status: string;
  readonly identifier: Identifier;
  readonly challenges: readonly Challenge[];
}

export interface Order {
  readonly status: string;
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate?: string;
  readonly error?: Problem;
}

interface Problem {
  readonly type?: string;
  readonly detail?: string;
}

export interface Answer<T> {
  readonly body: T;
  /** Of what was made; '' where nothing was. */
  readonly location: string;
}

const TRIES = 3;
const TIMEOUT = 30 * SECOND;
const HEADERS = { 'User-Agent': 'CertMagic acmez (linux; amd64)' };
export const LOGGER = 'listener-acme';

export class AcmeClient {
  readonly #web: Web;
  readonly #log: Log;
  readonly #url: string;
  readonly #ca: string | undefined;
  #directory: Directory | undefined;
  #nonce: string | undefined;

  constructor(web: Web, log: Log, url: string, ca: string | undefined) {
    this.#web = web;
    this.#log = log;
    this.#url = url.includes('://') ? url : `https://${url}`;
    this.#ca = ca;
  }

  /** Rejects with AcmeError, as all below. */
  async directory(): Promise<Directory> {
    if (this.#directory !== undefined) return this.#directory;
    try {
      const answer = await this.#send('GET', this.#url);
      if (answer.status !== 200) throw problemOf(answer);
      this.#directory = jsonOf(answer) as unknown as Directory;
    } catch (error) {
      throw told('provisioning client: ', error);
    }
    return this.#directory;
  }

  /** With the key itself where there is no account yet. A nonce that was not good is followed by another one. */
  async post<T>(key: KeyObject, account: string, url: string, payload?: object): Promise<Answer<T>> {
    for (let attempt = 1; ; attempt++) {
      const nonce = this.#nonce ?? (await this.#newNonce());
      this.#nonce = undefined;
      const who = account === '' ? { jwk: publicJwk(key) } : { kid: account };
      const body = signedBody(key, { ...who, nonce, url }, payload as Record<string, unknown> | undefined);
      const answer = await this.#send('POST', url, body);
      if (answer.status < 300) {
        const location = answer.headers.get('location')?.[0] ?? '';
        return { body: contentOf(answer) as T, location };
      }
      const problem = problemOf(answer);
      if (problem.type !== 'urn:ietf:params:acme:error:badNonce' || attempt === TRIES) {
        throw new AcmeError(`attempt ${attempt}: ${url}: ${problem.message}`, problem.type, problem.problem);
      }
    }
  }

  async #newNonce(): Promise<string> {
    const { newNonce } = await this.directory();
    await this.#send('HEAD', newNonce);
    const nonce = this.#nonce;
    if (nonce === undefined) throw new AcmeError('fetching new nonce from server: no nonce');
    return nonce;
  }

  /** Three times, where nobody answers. */
  async #send(method: string, url: string, body?: string): Promise<OutgoingResponse> {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await this.#web.request({
          method,
          url,
          headers: { ...HEADERS, ...(body === undefined ? {} : { 'Content-Type': 'application/jose+json' }) },
          timeout: TIMEOUT,
          ...(body === undefined ? {} : { body: encodeUtf8(body) }),
          ...(this.#ca === undefined ? {} : { tls: { ca: this.#ca } }),
        });
        this.#nonce = answer.headers.get('replay-nonce')?.[0] ?? this.#nonce;
        return answer;
      } catch (error) {
        if (!(error instanceof NetworkError)) throw error;
        const verb = `${method[0]}${method.slice(1).toLowerCase()}`;
        const reason = `performing request: ${verb} "${url}": ${error.message}`;
        this.#log.write('warn', `${LOGGER}..acme_client`, 'HTTP request failed; retrying', { url, error: reason });
        if (attempt === TRIES) throw new AcmeError(reason);
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
  }
}

/** With more around its text; what is no AcmeError stays as it is. */
export const told = (before: string, error: unknown, after = ''): unknown =>
  error instanceof AcmeError ? new AcmeError(`${before}${error.message}${after}`, error.type, error.problem) : error;

function problemOf(answer: OutgoingResponse): AcmeError {
  const { type = '', detail = '' } = jsonOf(answer) as Problem;
  const problem = `HTTP ${answer.status}${showProblem({ type, detail })}`;
  return new AcmeError(problem, type, problem);
}

export const showProblem = ({ type = '', detail = '' }: Problem): string =>
  `${type === '' ? '' : ` ${type}`}${detail === '' ? '' : ` - ${detail}`}`;

function jsonOf({ body }: OutgoingResponse): Record<string, unknown> {
  try {
    const value = JSON.parse(decodeUtf8(body)) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Certificates come as text, all else as JSON. */
const contentOf = (answer: OutgoingResponse): unknown =>
  (answer.headers.get('content-type')?.[0] ?? '').startsWith('application/pem-certificate-chain')
    ? decodeUtf8(answer.body)
    : jsonOf(answer);
