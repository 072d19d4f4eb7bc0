/**
 * A server for somebody else's tests: fresh, alone, unsealed, on a free port or without one, in milliseconds.
 *
 * For tests and study only: what it keeps is in memory and goes with it.
 */
import { parseConfiguration } from '../core/server/configuration/configuration.ts';
import type { HttpHandler } from '../core/http/message.ts';
import type { Log, LogLevel } from '../core/runtime.ts';
import { startServer as startHost } from '../host/server.ts';

export interface StartOptions {
  /** The root token; `root` when left out. */
  readonly token?: string;
  /** What is at secret/: KV of this version (2 when left out), or nothing. */
  readonly kv?: 1 | 2 | false;
  /** Port of 127.0.0.1; a free one when left out; none at all when false (see bao-steamer/msw). */
  readonly port?: number | false;
  /** Gets the server's log lines from this level on; silent when left out. */
  readonly log?: { readonly level?: LogLevel; readonly line: (line: string) => void };
}

export interface BaoResponse<Body = unknown> {
  readonly status: number;
  /** Undefined when there is none. */
  readonly body: Body | undefined;
}

export interface BaoServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, what BAO_ADDR or VAULT_ADDR would be; `http://bao.invalid` without a port. */
  readonly address: string;
  /** The root token. */
  readonly token: string;
  /** One share, base64: enough to unseal. */
  readonly unsealKey: string;
  /** The transport-free handler, for those who bring their own transport. */
  readonly handler: HttpHandler;
  /**
   * A request as root, for arranging a test: `await bao.request('PUT', 'secret/data/a', { data: { x: 1 } })`. Any method
   * (LIST and SCAN too), `path` without /v1/. Does not reject for statuses.
   */
  request<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    options?: RequestOptions,
  ): Promise<BaoResponse<Body>>;
  /** Ends the server and its connections. Calling it again does nothing. */
  stop(): Promise<void>;
}

export interface RequestOptions {
  /** Instead of the root token; empty for none. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const ORDER: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];

/** Rejects with the system's error when a given port is in use. */
export async function startServer(options: StartOptions = {}): Promise<BaoServer> {
  const { token = 'root', kv = 2, port = 0 } = options;
  const listener = port === false ? '' : `listener "tcp" {\n  address = "127.0.0.1:${port}"\n  tls_disable = true\n}\n`;
  const { configuration } = parseConfiguration(`storage "inmem" {}\n${listener}`, 'embed');
  let failure: Error | undefined;
  const server = await startHost({
    configuration: { ...configuration, rawStorageEndpoint: true, introspectionEndpoint: true },
    log: logOf(options.log),
    failed: (error) => (failure = error instanceof Error ? error : new Error(String(error))),
    dev: { rootToken: token, kvVersion: kv === false ? 0 : kv },
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= server.stop().then(() => {
      // A bug of ours must not pass for a green test.
      if (failure !== undefined) throw failure;
    });
    return stopped;
  };
  const handler = server.node.http;
  return {
    address: server.listeners[0] === undefined ? 'http://bao.invalid' : `http://${server.listeners[0].address}`,
    token,
    unsealKey: Buffer.from(server.devKeys!.unsealKey).toString('base64'),
    handler,
    request: (method, path, body, { token: other = token, headers = {} } = {}) =>
      call(handler, { method, path, body, token: other, headers }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function logOf(wanted: StartOptions['log']): Log {
  const least = ORDER.indexOf(wanted?.level ?? 'info');
  return {
    write: (level, name, text, fields = {}) => {
      if (wanted === undefined || ORDER.indexOf(level) < least) return;
      const shown = Object.entries(fields).map(([key, value]) => ` ${key}=${String(value)}`);
      wanted.line(`[${level.toUpperCase()}] ${name === '' ? '' : `${name}: `}${text}${shown.join('')}`);
    },
  };
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function call<Body>(
  handler: HttpHandler,
  { method, path, body, token, headers }: Call,
): Promise<BaoResponse<Body>> {
  const all = new Map<string, string[]>([['host', ['bao.invalid']]]);
  if (token !== '') all.set('x-vault-token', [token]);
  if (body !== undefined) {
    const patch = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    all.set('content-type', [patch]);
  }
  for (const [name, value] of Object.entries(headers)) all.set(name.toLowerCase(), [value]);
  const answer = await handler({
    method,
    url: `/v1/${path}`,
    headers: all,
    body: body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body)),
    remote: { address: '127.0.0.1', port: 1 },
    host: 'bao.invalid',
  });
  if (answer === undefined) return { status: 0, body: undefined };
  const text = Buffer.from(answer.body).toString();
  return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as Body) };
}
