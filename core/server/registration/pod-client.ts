/** One pod, as the Kubernetes API keeps it: its labels, read and patched, with as much patience as upstream has. */
import { asObject } from '../../codec/json-fields.ts';
import { JsonError, parse, print, type JsonObject, type JsonValue } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { Fault } from '../../fault.ts';
import { askWeb, escapedAddress, WebError } from '../../framework/web-call.ts';
import { HOUR, SECOND, type Micros, type OutgoingResponse, type Runtime } from '../../runtime.ts';
import { inCluster, type InCluster } from './in-cluster.ts';

export interface Patch {
  readonly op: 'add' | 'replace';
  readonly path: string;
  readonly value: JsonValue;
}

/** Nothing came of it; the message is for the log. */
export class PodError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PodError';
  }
}

/** Attempts after the first, and the pauses before them, each twice the one before. */
const RETRIES = 10;
const FIRST_PAUSE = SECOND / 2;
const LONGEST_PAUSE = 30 * SECOND;
/** Upstream waits for ever. */
const TIMEOUT = HOUR;

const GOOD = [200, 201, 202, 204];
const TRANSIENT = [500, 502, 503, 504];

interface Verdict {
  readonly why: string;
  readonly again: boolean;
}

export class PodClient {
  readonly #runtime: Runtime;
  readonly #path: string;
  #access: InCluster;

  constructor(runtime: Runtime, access: InCluster, namespace: string, pod: string) {
    this.#runtime = runtime;
    this.#access = access;
    this.#path = `/api/v1/namespaces/${namespace}/pods/${pod}`;
  }

  /** Undefined for a pod without any. Rejects PodError. */
  async labels(): Promise<JsonObject | undefined> {
    const { body } = await this.#ask('GET');
    let pod: JsonObject | undefined;
    try {
      pod = asObject(parse(body));
    } catch (error) {
      throw error instanceof JsonError ? new PodError(error.message) : error;
    }
    const metadata = asObject(pod?.['metadata']);
    if (metadata === undefined) throw new PodError('no pod metadata');
    return asObject(metadata['labels']);
  }

  /** Rejects PodError. */
  async patch(patches: readonly Patch[]): Promise<void> {
    await this.#ask('PATCH', encodeUtf8(print(patches.map(({ op, path, value }) => ({ op, path, value })))));
  }

  async #ask(method: string, body?: Uint8Array): Promise<OutgoingResponse> {
    // What is shown at the first attempt is shown at the last, though the pod may have got another by then.
    const { base, token, ca } = this.#access;
    const url = base + this.#path;
    const request = {
      method,
      url: escapedAddress(url),
      headers: {
        Accept: 'application/json',
        Authorization: `Bearer ${token.trim()}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json-patch+json' }),
      },
      ...(body === undefined ? {} : { body }),
      timeout: TIMEOUT,
      tls: { ca },
    };
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#answer(request);
      const { why, again } = answer === undefined ? noAnswer(this.#path) : await this.#judge(method, url, answer);
      if (answer !== undefined && why === '') return answer;
      if (!again || attempt === RETRIES) {
        throw new PodError(`${method} ${url} giving up after ${attempt + 1} attempt(s): ${why}`);
      }
      await this.#runtime.clock.sleep(pauseBefore(attempt, answer));
    }
  }

  async #answer(request: Parameters<typeof askWeb>[1]): Promise<OutgoingResponse | undefined> {
    try {
      return await askWeb(this.#runtime.web, request);
    } catch (error) {
      if (error instanceof WebError) return undefined;
      throw error;
    }
  }

  async #judge(method: string, url: string, { status }: OutgoingResponse): Promise<Verdict> {
    if (GOOD.includes(status)) return { why: '', again: false };
    const told = `req method: ${method}, req url: ${url}, resp statuscode: ${status}`;
    if (status === 404) return { why: told, again: false };
    if (status === 401 || status === 403) {
      try {
        const access = await inCluster(this.#runtime);
        const renewed = access.token !== this.#access.token;
        if (renewed) this.#access = access;
        return { why: `bad status code: ${told}`, again: renewed };
      } catch (error) {
        if (error instanceof Fault) return { why: error.message, again: false };
        throw error;
      }
    }
    return { why: `unexpected status code: ${told}`, again: TRANSIENT.includes(status) };
  }
}

const noAnswer = (path: string): Verdict => ({ why: `nil response: ${path}`, again: true });

/** A service that is not there yet may say when it will be. */
function pauseBefore(attempt: number, answer: OutgoingResponse | undefined): Micros {
  const after = answer?.status === 503 ? (answer.headers.get('retry-after')?.[0] ?? '') : '';
  if (/^\d{1,6}$/.test(after)) return Number(after) * SECOND;
  return Math.min(FIRST_PAUSE * 2 ** attempt, LONGEST_PAUSE);
}
