/** The API over TCP, TLS and UNIX sockets: HTTP/1 by node:http and node:https, HTTP/2 where TLS agrees on it. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { rm } from 'node:fs/promises';
import type { HttpHandler } from '../core/http/message.ts';
import type { ListenerConfiguration } from '../core/server/configuration/configuration.ts';
import { answerConnect, exchange, hasBody, refuseExpectation, refuseUnreadable } from './http1.ts';
import { serveHttp2 } from './http2.ts';
import type { ExchangeOptions } from './incoming.ts';
import { expectProxies } from './proxy-protocol.ts';
import type { TlsFiles } from './tls.ts';
import { tlsOptions } from './tls.ts';
import { allowAnyMethod } from './methods.ts';
import { splitHostPort } from './network.ts';
import type { SocketOwner } from './socket-owner.ts';
import { setOwner } from './socket-owner.ts';

// An import of node:http evaluates all it exports, node's whole fetch with it, at every start.
const { createServer } = process.getBuiltinModule('node:http');

export interface ListenerOptions extends ExchangeOptions {
  /** host:port, or a path when `unix`. */
  readonly address: string;
  readonly unix?: SocketOwner;
  readonly tls?: TlsFiles;
  /** The PROXY protocol. */
  readonly proxies?: ListenerConfiguration['proxyProtocol'];
  /** Milliseconds, upstream's defaults when left out; 0: none. */
  readonly readHeaderTimeout?: number;
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

/** Milliseconds. */
const CHECK = 500;

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
    // We refuse those without a host ourselves, in Go's words.
    requireHostHeader: false,
  };
  const server: Server =
    options.tls === undefined
      ? createServer(limits, serve)
      : (await import('node:https')).createServer({ ...limits, ...(await tlsOptions(options.tls)) }, serve);
  allowAnyMethod(server, options.tls !== undefined);
  const { readHeaderTimeout = 10_000, idleTimeout = 300_000 } = options;
  const http2 = options.tls && serveHttp2(server, handler, { ...options, idleTimeout });
  if (options.proxies !== undefined && options.proxies.behavior !== '')
    expectProxies(server, options.proxies, options.tls !== undefined);
  server.headersTimeout = Math.max(readHeaderTimeout, 0);
  // Bodies have a limit of their own, whose end is an answer.
  server.requestTimeout = 0;
  server.keepAliveTimeout = idleTimeout;
  server.on('clientError', refuseUnreadable);
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    if (request.headers.expect === '') serve(request, response);
    else refuseExpectation(request, response);
  });
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (hasBody(request)) response.writeContinue();
    serve(request, response);
  });
  server.on('connect', (request: IncomingMessage) => {
    answerConnect(handler, request).catch(options.failed);
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
        http2?.close();
      }),
  };
}

function boundAddress(asked: string, server: Server): string {
  const { port } = server.address() as AddressInfo;
  return `${asked.slice(0, asked.lastIndexOf(':'))}:${port}`;
}
