/**
 * A server for somebody else's tests: fresh, alone, unsealed, on a free port or without one, in milliseconds.
 *
 * For tests and study only: what it keeps is in memory and goes with it.
 */
import { parseDuration } from '../core/codec/duration.ts';
import { parseConfiguration } from '../core/server/configuration/configuration.ts';
import type { HttpHandler } from '../core/http/message.ts';
import { MILLISECOND } from '../core/runtime.ts';
import { startServer as startHost } from '../host/server.ts';
import { type BaoResponse, call, type RequestOptions } from './call.ts';
import { type LogOptions, logOf } from './log.ts';
import { MovableClock } from './movable-clock.ts';

export type { BaoResponse, LogOptions, RequestOptions };

export interface StartOptions {
  /** The root token; `root` when left out. */
  readonly token?: string;
  /** What is at secret/: KV of this version (2 when left out), or nothing. */
  readonly kv?: 1 | 2 | false;
  /** Port of 127.0.0.1; a free one when left out; none at all when false (see bao-steamer/msw). */
  readonly port?: number | false;
  /** Gets the server's log lines; silent when left out. */
  readonly log?: LogOptions;
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
  /**
   * Lets time pass at once, as Go writes it ('90m', '768h'): leases and tokens run out, timers fire at their time and in
   * their order. Only the server's clock moves. Rejects with DurationError.
   */
  advance(duration: string): Promise<void>;
  /** The server's time of day. */
  now(): Date;
  /** Ends the server and its connections. Calling it again does nothing. */
  stop(): Promise<void>;
}

/** Rejects with the system's error when a given port is in use. */
export async function startServer(options: StartOptions = {}): Promise<BaoServer> {
  const { token = 'root', kv = 2, port = 0 } = options;
  const listener = port === false ? '' : `listener "tcp" {\n  address = "127.0.0.1:${port}"\n  tls_disable = true\n}\n`;
  const { configuration } = parseConfiguration(`storage "inmem" {}\n${listener}`, 'embed');
  const clock = new MovableClock();
  let failure: Error | undefined;
  const server = await startHost({
    configuration: { ...configuration, rawStorageEndpoint: true, introspectionEndpoint: true },
    log: logOf(options.log),
    clock,
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
    advance: async (duration) => clock.advance(parseDuration(duration)),
    now: () => new Date(clock.wall() / MILLISECOND),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
