/** Connections whose client has not been answered yet: what it says first is read, and left for TLS to read again. */
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { plainAddress } from '../proxy-protocol.ts';
import { readClientHello } from './client-hello.ts';
import type { ClientHello } from './client-hello.ts';

/** What is spoken to prove a name (RFC 8737). */
export const PROTOCOL = 'acme-tls/1';

/** Milliseconds for a client to say hello. */
const PATIENCE = 10_000;
/** A fatal alert: internal error. */
const INTERNAL_ERROR = Buffer.from([21, 3, 1, 0, 2, 2, 80]);

/** Who is at the other end, as the log shows it. */
export const remoteOf = (socket: Socket): string => `${plainAddress(socket)}:${socket.remotePort ?? 0}`;

/** Calls `found` at most once. */
export function readHello(socket: Socket, found: (hello: ClientHello | 'none') => void): void {
  let bytes = Buffer.alloc(0);
  const timer = setTimeout(() => socket.destroy(), PATIENCE);
  socket.on('error', () => socket.destroy());
  socket.once('close', () => clearTimeout(timer));
  const look = (): void => {
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      bytes = Buffer.concat([bytes, chunk]);
    }
    if (bytes.length === 0) return;
    const hello = readClientHello(bytes);
    if (hello === 'more') return;
    clearTimeout(timer);
    socket.off('readable', look);
    socket.unshift(bytes);
    found(hello);
  };
  socket.on('readable', look);
}

/** Says to the client that nothing comes of it. */
export const refuse = (socket: Socket): void => {
  socket.end(INTERNAL_ERROR, () => socket.destroy());
};

/** One handshake with what proves a name, and no more. */
export function prove(socket: Socket, secureContext: SecureContext): void {
  const { TLSSocket } = process.getBuiltinModule('node:tls');
  const proving = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: [PROTOCOL] });
  proving.on('error', () => proving.destroy());
  proving.once('secure', () => proving.end());
}
