/**
 * Handlers for Mock Service Worker: an unmodified client (fetch, axios, node-vault …) talks to an address that nobody
 * listens on, and the core answers within the process, without a port; or a recording of a real server does.
 */
import { HttpResponse, http } from 'msw';
import type { HttpHandler as MswHandler } from 'msw';
import type { HttpHandler } from '../core/http/message.ts';
import { listByQuery } from './custom-methods.ts';
import type { BaoServer, StartOptions } from './index.ts';
import { startServer } from './index.ts';

export { type BaoRecording, type RecordedExchange } from './recording.ts';
export { recordBao, type RecordingBao, type RecordOptions } from './record.ts';
export { replayBao, type ReplayedBao, type ReplayOptions } from './replay.ts';

export interface MockedBao extends BaoServer {
  /** For `setupServer(...bao.handlers)` of msw/node. */
  readonly handlers: readonly MswHandler[];
}

export interface MockOptions extends Omit<StartOptions, 'port'> {
  /** What the client under test has as its address. */
  readonly address?: string;
}

/** A server without a port, and the handlers through which `address` reaches it until it is stopped. */
export async function mockBao({ address = 'http://127.0.0.1:8200', ...options }: MockOptions = {}): Promise<MockedBao> {
  const server = await startServer({ ...options, port: false });
  const restore = listByQuery(address);
  const stop = async (): Promise<void> => {
    restore();
    await server.stop();
  };
  return { ...server, address, handlers: baoHandlers(server, address), stop, [Symbol.asyncDispose]: stop };
}

/**
 * Handlers that answer `address` from a server that runs already. Clients that say LIST or SCAN need `listByQuery` of
 * `mockBao`, or `?list=true`.
 */
export const baoHandlers = ({ handler }: Pick<BaoServer, 'handler'>, address: string): MswHandler[] => [
  http.all(`${address.replace(/\/$/, '')}/*`, async ({ request }) => answer(handler, request)),
];

async function answer(handler: HttpHandler, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const headers = new Map<string, string[]>();
  request.headers.forEach((value, name) => headers.set(name.toLowerCase(), [value]));
  const reply = await handler({
    method: request.method,
    url: url.pathname + url.search,
    headers,
    body: new Uint8Array(await request.arrayBuffer()),
    remote: { address: '127.0.0.1', port: 1 },
    host: url.host,
  });
  if (reply === undefined) return HttpResponse.error();
  const lines = new Headers();
  for (const [name, value] of reply.headers) lines.append(name, value);
  const bodiless = reply.status === 204 || reply.status === 304 || reply.body.length === 0;
  return new Response(bodiless ? null : new Uint8Array(reply.body), { status: reply.status, headers: lines });
}
