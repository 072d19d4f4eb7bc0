/** The API over TCP, TLS and UNIX sockets: HTTP/1, and HTTP/2 where TLS agrees on it. */
import type { AddressInfo, Server, ServerOpts, Socket } from 'node:net';
import type { Server as TlsServer, TLSSocket } from 'node:tls';
import { createServer } from 'node:net';
import { rm } from 'node:fs/promises';
import type { HttpHandler } from '../core/http/message.ts';
import type { ListenerConfiguration } from '../core/server/configuration/configuration.ts';
import { Connections } from './http1/connections.ts';
import { Http2 } from './http2.ts';
import { ends, expectProxies } from './proxy-protocol.ts';
import type { Acme } from './acme/listener.ts';
import type { TlsFiles, TlsPair } from './tls.ts';
import { forgetComplaints, tlsOptions, tlsSettings } from './tls.ts';
import { splitHostPort } from './network.ts';
import type { SocketOwner } from './socket-owner.ts';
import { setOwner } from './socket-owner.ts';

export interface ListenerOptions {
  /** host:port, or a path when `unix`. */
  readonly address: string;
  readonly unix?: SocketOwner;
  readonly tls?: TlsFiles & (TlsPair | { readonly acme: Acme });
  /** The PROXY protocol. */
  readonly proxies?: ListenerConfiguration['proxyProtocol'];
  /** See bodyLimit. */
  readonly maxRequestSize: number;
  /** Milliseconds, upstream's defaults when left out; 0: none. */
  readonly readHeaderTimeout?: number;
  readonly readTimeout?: number;
  readonly writeTimeout?: number;
  readonly idleTimeout?: number;
  /** A bug of ours: the process should end. */
  readonly failed: (error: unknown) => void;
  /** A client (host:port) did not get through the handshake of TLS, for a reason in Go's words. */
  readonly refused?: (client: string, reason: string) => void;
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

const DEFAULTS = { readHeaderTimeout: 10_000, readTimeout: 30_000, writeTimeout: 0, idleTimeout: 300_000 };

const SOCKETS: ServerOpts = { noDelay: true, keepAlive: true };

/** Rejects with the system's error (EADDRINUSE …). */
export async function listenHttp(handler: HttpHandler, options: ListenerOptions): Promise<HttpListener> {
  const settings = { ...DEFAULTS, ...options };
  const [http1, http2] = [new Connections(handler, settings), new Http2(handler, settings)];
  const server =
    options.tls === undefined ? plainServer(http1) : await tlsServer(options.tls, http1, http2, options.refused);
  if (options.proxies !== undefined && options.proxies.behavior !== '')
    expectProxies(server, options.proxies, options.tls !== undefined);
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
      if (options.tls !== undefined && !('acme' in options.tls) && 'setSecureContext' in server) {
        (server as TlsServer).setSecureContext(await tlsOptions(options.tls));
      }
    },
    close: () =>
      new Promise((resolve) => {
        if (options.tls !== undefined && 'acme' in options.tls) options.tls.acme.close();
        server.close(() => resolve());
        http1.close();
        http2.close();
      }),
  };
}

/** Clients may close their own side and still be answered; node's TLS never ends with some of those that have gone. */
const plainServer = (http1: Connections): Server =>
  createServer({ ...SOCKETS, allowHalfOpen: true }, (socket) => http1.take(socket));

async function tlsServer(
  files: NonNullable<ListenerOptions['tls']>,
  http1: Connections,
  http2: Http2,
  refused: ListenerOptions['refused'],
): Promise<Server> {
  const { createServer: createTlsServer } = process.getBuiltinModule('node:tls');
  const settings = 'acme' in files ? await tlsSettings(files) : await tlsOptions(files);
  const server = createTlsServer({ ...SOCKETS, ...settings }, (socket: TLSSocket) => {
    forgetComplaints();
    if (socket.alpnProtocol === 'h2') http2.take(socket);
    else http1.take(socket);
  });
  tellPlainClients(server, refused);
  if ('acme' in files) files.acme.guard(server, settings);
  return server;
}

/** By the codes of Node's errors. */
const HANDSHAKE_FAILURES: Readonly<Record<string, string>> = {
  ECONNRESET: 'EOF',
  ERR_SSL_HTTP_REQUEST: 'client sent an HTTP request to an HTTPS server',
  ERR_SSL_WRONG_VERSION_NUMBER: 'tls: first record does not look like a TLS handshake',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: "tls: client didn't provide a certificate",
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'remote error: tls: unknown certificate authority',
};

/** Who speaks HTTP where TLS is spoken is told so, in the clear; who fails otherwise is told of. */
function tellPlainClients(server: TlsServer, refused: ListenerOptions['refused']): void {
  const beginning = new Map<string, Socket>();
  server.prependListener('connection', (socket: Socket) => {
    const key = ends(socket);
    beginning.set(key, socket);
    socket.once('close', () => beginning.delete(key));
  });
  server.on('tlsClientError', (error, socket) => {
    const { code = '' } = error as { readonly code?: string };
    const reason = HANDSHAKE_FAILURES[code];
    const first = beginning.get(ends(socket));
    if (reason !== undefined) refused?.(`${first?.remoteAddress}:${first?.remotePort}`, reason);
    if (code !== 'ERR_SSL_HTTP_REQUEST') return;
    beginning
      .get(ends(socket))
      ?.write('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n');
  });
}

function boundAddress(asked: string, server: Server): string {
  const { port } = server.address() as AddressInfo;
  return `${asked.slice(0, asked.lastIndexOf(':'))}:${port}`;
}
