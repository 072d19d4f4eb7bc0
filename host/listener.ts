/** The API over node:http and node:https: headers, body and connection as upstream's Go server handles them. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { rm } from 'node:fs/promises';
import type { TLSSocket } from 'node:tls';
import { noBytes } from '../core/codec/bytes.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../core/http/message.ts';
import { errors } from '../core/http/reply.ts';
import type { ListenerConfiguration } from '../core/server/configuration/configuration.ts';
import { bufferOf } from './bytes.ts';
import { expectProxies, originOf } from './proxy-protocol.ts';
import type { TlsFiles } from './tls.ts';
import { tlsOptions } from './tls.ts';
import { allowAnyMethod, requestDone, sentMethod } from './methods.ts';
import { splitHostPort } from './network.ts';
import type { SocketOwner } from './socket-owner.ts';
import { setOwner } from './socket-owner.ts';

// An import of node:http evaluates all it exports, node's whole fetch with it, at every start.
const { STATUS_CODES, createServer } = process.getBuiltinModule('node:http');

export interface ListenerOptions {
  /** host:port, or a path when `unix`. */
  readonly address: string;
  readonly unix?: SocketOwner;
  readonly tls?: TlsFiles;
  /** The PROXY protocol. */
  readonly proxies?: ListenerConfiguration['proxyProtocol'];
  /** Bytes of a body that are read before the rest is thrown away; the handler refuses what is longer than its limit. */
  readonly maxRequestSize: number;
  /** Milliseconds, upstream's defaults when left out; 0: none. */
  readonly readHeaderTimeout?: number;
  readonly readTimeout?: number;
  /** How long an answer may take from when its request was read; 0 or left out: however long. */
  readonly writeTimeout?: number;
  readonly idleTimeout?: number;
  /** A bug of ours: the process should end. */
  readonly failed: (error: unknown) => void;
}

export interface HttpListener {
  /** host:port with the port that was chosen for 0. */
  readonly address: string;
  readonly tls: boolean;
  /** Reads the certificate again; connections that stand keep the old one. Rejects with ConfigurationError. */
  reload(): Promise<void>;
  /** Stops accepting and closes idle connections; those in use end with their answer. */
  close(): Promise<void>;
}

/** Rejects with the system's error (EADDRINUSE …). */
export async function listenHttp(handler: HttpHandler, options: ListenerOptions): Promise<HttpListener> {
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    exchange(handler, request, response, options).catch((error: unknown) => {
      response.destroy();
      options.failed(error);
    });
  };
  // Go answers without these limits being reached first; node's own defaults are lower.
  const limits = {
    maxHeaderSize: 1024 * 1024,
    insecureHTTPParser: false,
    keepAlive: true,
    noDelay: true,
    // Where node looks for headers that do not come: half a minute by itself.
    connectionsCheckingInterval: CHECK,
  };
  const server: Server =
    options.tls === undefined
      ? createServer(limits, serve)
      : (await import('node:https')).createServer({ ...limits, ...(await tlsOptions(options.tls)) }, serve);
  allowAnyMethod(server, options.tls !== undefined);
  if (options.proxies !== undefined && options.proxies.behavior !== '') expectProxies(server, options.proxies);
  const { readHeaderTimeout = 10_000 } = options;
  server.headersTimeout = Math.max(readHeaderTimeout, 0);
  // Bodies have a limit of their own, whose end is an answer.
  server.requestTimeout = 0;
  server.keepAliveTimeout = options.idleTimeout ?? 300_000;
  server.on('clientError', (error, socket) => {
    // Who does not send is not talked to.
    if ('code' in error && error.code === 'ERR_HTTP_REQUEST_TIMEOUT') socket.destroy();
    // What node's parser cannot read; Go's answers the same way.
    if (socket.writable) {
      socket.end(
        'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request',
      );
    }
  });
  if (options.unix !== undefined) await rm(options.address, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.unix === undefined ? splitHostPort(options.address) : { path: options.address }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  if (options.unix !== undefined) await setOwner(options.address, options.unix);
  return {
    address: options.unix === undefined ? boundAddress(options.address, server) : options.address,
    tls: options.tls !== undefined,
    reload: async () => {
      if (options.tls !== undefined && 'setSecureContext' in server) {
        (server as TlsServer).setSecureContext(await tlsOptions(options.tls));
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function boundAddress(asked: string, server: Server): string {
  const { port } = server.address() as AddressInfo;
  return `${asked.slice(0, asked.lastIndexOf(':'))}:${port}`;
}

async function exchange(
  handler: HttpHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: ListenerOptions,
): Promise<void> {
  let body: Uint8Array;
  try {
    body = await readBody(incoming, options);
  } catch (error) {
    if (error instanceof TooSlow) send(incoming, outgoing, tooSlow(incoming));
    // The client went away while sending.
    else outgoing.destroy();
    return;
  }
  const limit = options.writeTimeout ?? 0;
  if (limit > 0) closeAfter(limit, outgoing);
  const response = await handler(toRequest(incoming, body));
  if (response === undefined) outgoing.destroy();
  else {
    requestDone(incoming.socket);
    send(incoming, outgoing, response);
  }
}

/** Milliseconds. */
const CHECK = 500;

/** An answer that is not complete by then is broken off. */
function closeAfter(limit: number, outgoing: ServerResponse): void {
  const timer = setTimeout(() => outgoing.destroy(), limit);
  outgoing.once('close', () => clearTimeout(timer));
}

class TooSlow extends Error {}

/** What Go's connection says of a client that does not go on sending. */
function tooSlow({ socket }: IncomingMessage): HttpResponse {
  const [local, remote] = [
    `${socket.localAddress ?? ''}:${socket.localPort ?? 0}`,
    `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`,
  ];
  const { body = noBytes } = errors(500, `read tcp ${local}->${remote}: i/o timeout`);
  return {
    status: 500,
    headers: [
      ['Content-Type', 'application/json'],
      ['Connection', 'close'],
    ],
    body,
  };
}

/** One byte more than the limit shows the handler that there was more. */
function readBody(
  incoming: IncomingMessage,
  { maxRequestSize: limit, readTimeout = 30_000 }: ListenerOptions,
): Promise<Uint8Array> {
  const { headers } = incoming;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    return Promise.resolve(noBytes);
  }
  const most = limit > 0 ? limit + 1 : Number.POSITIVE_INFINITY;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = readTimeout > 0 ? setTimeout(() => reject(new TooSlow()), readTimeout) : undefined;
    incoming.on('data', (chunk: Buffer) => {
      if (size < most) chunks.push(chunk);
      size += chunk.length;
    });
    incoming.on('end', () => {
      clearTimeout(timer);
      const whole = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      resolve(whole.length > most ? whole.subarray(0, most) : whole);
    });
    const broken = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    incoming.on('error', broken);
    incoming.on('aborted', () => broken(new Error('aborted')));
  });
}

function toRequest(incoming: IncomingMessage, body: Uint8Array): HttpRequest {
  const headers = new Map<string, string[]>();
  const raw = incoming.rawHeaders;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [raw[i + 1]!]);
    else values.push(raw[i + 1]!);
  }
  const { socket } = incoming;
  return {
    method: sentMethod(socket, incoming.method ?? 'GET'),
    url: incoming.url ?? '/',
    headers,
    body,
    remote: originOf(socket) ?? { address: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 },
    host: incoming.headers.host ?? '',
    ...('encrypted' in socket ? { tls: tlsOf(socket as TLSSocket) } : {}),
  };
}

/** IPv4 clients of a listener on all addresses come mapped into IPv6. */
const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');

function tlsOf(socket: TLSSocket): NonNullable<HttpRequest['tls']> {
  const certificate = socket.getPeerX509Certificate();
  const chain: Uint8Array[] = [];
  for (let next = certificate; next !== undefined; next = next.issuerCertificate) chain.push(next.raw);
  const serverName: unknown = (socket as { servername?: unknown }).servername;
  return { clientCertificates: chain, ...(typeof serverName === 'string' ? { serverName } : {}) };
}

/** Go's server computes the length of short bodies only, and sends longer ones in chunks. */
const CHUNKED_FROM = 2_048;

function send(incoming: IncomingMessage, outgoing: ServerResponse, response: HttpResponse): void {
  const { status, headers, body, follow } = response;
  const lines: string[] = [];
  for (const [name, value] of headers) lines.push(name, value);
  outgoing.sendDate = false;
  lines.push('Date', httpDate());
  const lengthKnown = headers.some(([name]) => name === 'Content-Length');
  const bodiless = status === 204 || status === 304;
  if (!bodiless && !lengthKnown) {
    if (body.length > CHUNKED_FROM || follow !== undefined) lines.push('Transfer-Encoding', 'chunked');
    else if (incoming.method !== 'HEAD' || body.length > 0) lines.push('Content-Length', String(body.length));
  }
  if (incoming.headers.connection?.toLowerCase() !== 'close') {
    // Keeps node from announcing that the connection stays open; Go does not.
    outgoing.removeHeader('Connection');
  } else if (!headers.some(([name]) => name === 'Connection')) lines.push('Connection', 'close');
  outgoing.writeHead(status, GO_STATUS[status] ?? STATUS_CODES[status] ?? `status code ${status}`, lines);
  if (follow === undefined) {
    if (incoming.method === 'HEAD' || bodiless) outgoing.end();
    else if (body.length > CHUNKED_FROM) outgoing.end(body);
    // As a text node writes it with the headers in one go; of bytes it would make a list of pieces.
    else outgoing.end(bufferOf(body).toString('latin1'), 'latin1');
  } else {
    outgoing.flushHeaders();
    if (body.length > 0) outgoing.write(body);
    outgoing.once(
      'close',
      follow((text) => outgoing.write(text)),
    );
  }
}

/** Where Go's name of a status is another than node's. */
const GO_STATUS: Readonly<Record<number, string>> = { 413: 'Request Entity Too Large' };

let dateSecond = 0;
let dateText = '';

/** One text a second. */
function httpDate(): string {
  const second = Math.floor(Date.now() / 1_000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1_000).toUTCString();
  }
  return dateText;
}
