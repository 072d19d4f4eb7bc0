/** Messages over TCP: each with its length in four bytes before it. */
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { readUint32, writeUint32 } from '../core/codec/bytes.ts';
import { NetworkError } from '../core/runtime.ts';
import type { Connection, Listener, Micros, Network, NetworkErrorCode, NodeTls } from '../core/runtime.ts';
import { unknownName } from './names.ts';

/** A longer message is no message of ours. */
const LONGEST = 256 * 1024 * 1024;

const codes: Readonly<Record<string, NetworkErrorCode>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
};
const goTexts: Readonly<Record<NetworkErrorCode, string>> = {
  refused: 'connect: connection refused',
  reset: 'connection reset by peer',
  timeout: 'i/o timeout',
  unreachable: 'connect: no route to host',
  closed: 'use of closed network connection',
};

export function networkError(error: unknown, context: string): NetworkError {
  const code = (error instanceof Error && 'code' in error && codes[String(error.code)]) || 'reset';
  return new NetworkError(code, `${context}: ${goTexts[code]}`);
}

export const joinHostPort = (host: string | undefined, port: number | undefined): string =>
  host?.includes(':') === true ? `[${host}]:${port ?? 0}` : `${host ?? ''}:${port ?? 0}`;

/** What Go says before it dials anybody, of networks and ports that are none. */
export function undialable(network: string, address: string): string | undefined {
  const dial = `dial${network === '' ? '' : ' '}${network}:`;
  if (!/^(tcp|udp)[46]?$/.test(network)) return `${dial} unknown network ${network}`;
  const named = /:([^:]*)$/.exec(address)?.[1];
  if (named === undefined) return `${dial} address ${address}: missing port in address`;
  if (!/^\d*$/.test(named)) return `${dial} lookup ${network}/${named}: unknown port`;
  return Number(named) > 65_535 ? `${dial} address ${named}: invalid port` : undefined;
}

/** A connection that did not come about, in Go's words. */
export function dialError(error: unknown, address: string): NetworkError {
  const unknown = unknownName(error);
  if (unknown !== undefined) return new NetworkError(unknown.code, `dial tcp: ${unknown.message}`);
  // Where the name led to, as Go has it.
  const { address: found, port } = error as { readonly address?: unknown; readonly port?: unknown };
  const known = typeof found === 'string' && typeof port === 'number';
  return networkError(error, `dial tcp ${known ? joinHostPort(found, port) : address}`);
}

export function splitHostPort(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return { host, port: Number(address.slice(colon + 1)) };
}

/** Starts to listen; to close it cuts what is open. */
export function listening(server: Server, address: string, open: ReadonlySet<Socket>): Listener {
  server.listen(splitHostPort(address));
  return {
    address,
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

export class HostNetwork implements Network {
  /** A port that cannot be bound is reported to `failed`; the listener stays without connections. */
  readonly #failed: (error: Error) => void;

  readonly #tls: NodeTls | undefined;

  constructor(failed: (error: Error) => void, tls?: NodeTls) {
    this.#failed = failed;
    this.#tls = tls;
  }

  get tls(): NodeTls | undefined {
    return this.#tls;
  }

  listen(address: string, accept: (connection: Connection) => void): Listener {
    const open = new Set<Socket>();
    const server = createServer((socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      accept(new SocketConnection(socket));
    });
    server.on('error', this.#failed);
    return listening(server, address, open);
  }

  dial(address: string, timeout: Micros): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(splitHostPort(address));
      const timer = setTimeout(() => {
        socket.destroy();
        reject(new NetworkError('timeout', `dial tcp ${address}: ${goTexts.timeout}`));
      }, timeout / 1_000);
      const refuse = (error: Error): void => {
        clearTimeout(timer);
        reject(dialError(error, address));
      };
      socket.once('error', refuse);
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.off('error', refuse);
        resolve(new SocketConnection(socket));
      });
    });
  }
}

/** A socket that carries messages: plain, or TLS after its handshake. */
export class SocketConnection implements Connection {
  readonly local: string;
  readonly remote: string;
  readonly #socket: Socket;
  #pending: Buffer[] = [];
  #buffered = 0;
  #receive: ((message: Uint8Array) => void) | undefined;
  #closed: ((reason: 'eof' | NetworkError) => void) | undefined;
  #end: 'eof' | NetworkError | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.local = joinHostPort(socket.localAddress, socket.localPort);
    this.remote = joinHostPort(socket.remoteAddress, socket.remotePort);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#pending.push(chunk);
      this.#buffered += chunk.length;
      this.#deliver();
    });
    socket.on('error', (error) => this.#finish(networkError(error, `read tcp ${this.local}->${this.remote}`)));
    socket.on('end', () => this.#finish('eof'));
    socket.on('close', () => this.#finish('eof'));
  }

  send(message: Uint8Array): void {
    if (this.#socket.destroyed || !this.#socket.writable) return;
    const frame = Buffer.allocUnsafe(4 + message.length);
    writeUint32(frame, 0, message.length);
    frame.set(message, 4);
    this.#socket.write(frame);
  }

  onMessage(receive: (message: Uint8Array) => void): void {
    this.#receive = receive;
    this.#deliver();
  }

  onClose(closed: (reason: 'eof' | NetworkError) => void): void {
    this.#closed = closed;
    if (this.#end !== undefined) closed(this.#end);
  }

  close(): void {
    this.#socket.end();
    this.#socket.destroySoon();
  }

  #finish(reason: 'eof' | NetworkError): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    this.#socket.destroy();
    this.#closed?.(reason);
  }

  #deliver(): void {
    if (this.#receive === undefined) return;
    while (this.#buffered >= 4) {
      if (this.#pending.length > 1) this.#pending = [Buffer.concat(this.#pending)];
      const bytes = this.#pending[0]!;
      const length = readUint32(bytes, 0);
      if (length > LONGEST) {
        this.#finish(new NetworkError('reset', `read tcp ${this.local}->${this.remote}: message too long`));
        return;
      }
      if (bytes.length < 4 + length) return;
      const message = Uint8Array.from(bytes.subarray(4, 4 + length));
      const rest = bytes.subarray(4 + length);
      this.#pending = rest.length > 0 ? [rest] : [];
      this.#buffered = rest.length;
      this.#receive(message);
    }
  }
}
