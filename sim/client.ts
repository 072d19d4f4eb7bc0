/** An HTTP client on a simulated machine: keeps connections alive, gives up in time, follows one redirect, tries again. */
import { type JsonObject, parseObject, print, type JsonValue } from '../core/codec/json.ts';
import { noBytes } from '../core/codec/bytes.ts';
import { encodeUtf8 } from '../core/codec/utf8.ts';
import { type Connection, type Micros, MILLISECOND, NetworkError, type Runtime, SECOND } from '../core/runtime.ts';
import { type Answer, decodeResponse, encodeRequest } from './network/http-wire.ts';
import { encodeHello } from './network/tls-hello.ts';

/** When and how often a client sends a request again. */
export interface RetryPolicy {
  readonly retries: number;
  /** The pause before each retry is uniform between these. */
  readonly least: Micros;
  readonly most: Micros;
}

/** What the Go client of OpenBao does unless told otherwise (api.DefaultConfig): also after 5xx (but 501), 412 and 429. */
export const GO_CLIENT: RetryPolicy = { retries: 2, least: SECOND, most: 1_500 * MILLISECOND };
export const NO_RETRIES: RetryPolicy = { retries: 0, least: 0, most: 0 };

export interface ClientOptions {
  readonly timeout?: Micros;
  readonly retry?: RetryPolicy;
  readonly token?: string;
  /** Whether to go where a 307 points. Default true. */
  readonly follow?: boolean;
  /** What it shows of itself over TLS, DER, its own certificate first; without, it does not speak TLS. */
  readonly certificates?: readonly Uint8Array[];
}

export interface RequestOptions {
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: JsonObject;
  /** Instead of `body`, as it is. */
  readonly bytes?: Uint8Array;
  readonly timeout?: Micros;
  /** Instead of the client's own. */
  readonly token?: string;
}

/** No answer came. `sent`: the request may have been received, so that its effect is unknown. */
export class NoAnswer extends Error {
  readonly sent: boolean;
  constructor(sent: boolean, reason: string) {
    super(reason);
    this.name = 'NoAnswer';
    this.sent = sent;
  }
}

/** How many idle connections to one address are kept. */
const MOST_IDLE = 4;

export class HttpClient {
  token: string | undefined;
  readonly #runtime: Runtime;
  readonly #timeout: Micros;
  readonly #retry: RetryPolicy;
  readonly #redirects: boolean;
  readonly #certificates: readonly Uint8Array[] | undefined;
  readonly #idle = new Map<string, Exchange[]>();

  constructor(runtime: Runtime, options: ClientOptions = {}) {
    this.#runtime = runtime;
    this.#timeout = options.timeout ?? 60 * SECOND;
    this.#retry = options.retry ?? NO_RETRIES;
    this.#redirects = options.follow ?? true;
    this.#certificates = options.certificates;
    this.token = options.token;
  }

  /** `address` is host:port, `url` path and query. Throws NoAnswer when the last try got none. */
  async request(address: string, method: string, url: string, options: RequestOptions = {}): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      const last = attempt === this.#retry.retries;
      try {
        const answer = await this.#follow(address, method, url, options);
        if (last || !retried(answer.status)) return answer;
      } catch (error) {
        if (last || !(error instanceof NoAnswer)) throw error;
      }
      const { least, most } = this.#retry;
      await this.#runtime.clock.sleep(least + this.#runtime.random.below(most - least + 1));
    }
  }

  /** Forgets all connections, as a new program would. */
  close(): void {
    for (const exchanges of this.#idle.values()) for (const exchange of exchanges) exchange.close();
    this.#idle.clear();
  }

  async #follow(address: string, method: string, url: string, options: RequestOptions): Promise<Answer> {
    const answer = await this.#once(address, method, url, options);
    const location = this.#redirects && answer.status === 307 ? answer.headers.get('location')?.[0] : undefined;
    const target = location === undefined ? null : /^https?:\/\/([^/]+)(\/.*)$/.exec(location);
    return target === null ? answer : this.#once(target[1]!, method, target[2]!, options);
  }

  async #once(address: string, method: string, url: string, options: RequestOptions): Promise<Answer> {
    const timeout = options.timeout ?? this.#timeout;
    const started = this.#runtime.clock.monotonic();
    await this.#runtime.cpu.spend('client.send');
    const exchange = this.#take(address) ?? (await this.#dial(address, timeout));
    const headers = [...(options.headers ?? [])];
    const token = options.token ?? this.token;
    if (token !== undefined) headers.push(['X-Vault-Token', token]);
    const body = options.bytes ?? (options.body === undefined ? noBytes : encodeUtf8(print(options.body)));
    const message = encodeRequest({ method, url, host: address, headers, body });
    const left = timeout - (this.#runtime.clock.monotonic() - started);
    const answer = decodeResponse(await exchange.run(message, left));
    await this.#runtime.cpu.spend('client.receive');
    this.#keep(address, exchange);
    return answer;
  }

  async #dial(address: string, timeout: Micros): Promise<Exchange> {
    try {
      const connection = await this.#runtime.network.dial(address, timeout);
      if (this.#certificates !== undefined) connection.send(encodeHello(this.#certificates));
      return new Exchange(this.#runtime, connection);
    } catch (error) {
      if (error instanceof NetworkError) throw new NoAnswer(false, error.message);
      throw error;
    }
  }

  #take(address: string): Exchange | undefined {
    const idle = this.#idle.get(address) ?? [];
    while (idle.length > 0) {
      const exchange = idle.pop()!;
      if (exchange.open) return exchange;
    }
    return undefined;
  }

  #keep(address: string, exchange: Exchange): void {
    const idle = this.#idle.get(address);
    if (idle === undefined) this.#idle.set(address, [exchange]);
    else if (idle.length < MOST_IDLE) idle.push(exchange);
    else exchange.close();
  }
}

/** One connection, which carries one request at a time. */
class Exchange {
  open = true;
  readonly #runtime: Runtime;
  readonly #connection: Connection;
  #settle: ((result: Uint8Array | NoAnswer) => void) | undefined;

  constructor(runtime: Runtime, connection: Connection) {
    this.#runtime = runtime;
    this.#connection = connection;
    connection.onMessage((message) => this.#settle?.(message));
    connection.onClose((reason) => {
      this.open = false;
      this.#settle?.(new NoAnswer(true, reason === 'eof' ? 'EOF' : reason.message));
    });
  }

  run(message: Uint8Array, timeout: Micros): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const timer = this.#runtime.clock.after(timeout, () => {
        this.close();
        this.#settle?.(
          new NoAnswer(true, 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'),
        );
      });
      this.#settle = (result) => {
        this.#settle = undefined;
        timer.cancel();
        if (result instanceof NoAnswer) reject(result);
        else resolve(result);
      };
      this.#connection.send(message);
    });
  }

  close(): void {
    this.open = false;
    this.#connection.close();
  }
}

function retried(status: number): boolean {
  return status === 412 || status === 429 || (status >= 500 && status !== 501);
}

/** The body of an answer as JSON; an empty object when there is none or it is something else. */
export function jsonOf(answer: Answer): JsonObject {
  if (answer.body.length === 0) return {};
  try {
    return parseObject(answer.body);
  } catch {
    return {};
  }
}

/** The value at a path of object keys, or undefined. */
export function at(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return undefined;
    found = (found as JsonObject)[key];
  }
  return found;
}

/** An answer as stories read it. */
export interface Answered {
  /** 0: no answer came. */
  readonly status: number;
  readonly json: JsonObject;
  /** The first value of a header, by its name in lower case. */
  header(name: string): string | undefined;
}

/** Turns NoAnswer into status 0. */
export async function answered(pending: Promise<Answer>): Promise<Answered> {
  try {
    const answer = await pending;
    return { status: answer.status, json: jsonOf(answer), header: (name) => answer.headers.get(name)?.[0] };
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return { status: 0, json: {}, header: () => undefined };
  }
}
