/**
 * The PROXY protocol (haproxy's specification, versions 1 and 2): a proxy says in front of a connection whose it is.
 * Upstream's behaviours: with `use_always` everybody is believed; with `allow_authorized` only those who are listed,
 * and what others say is dropped; with `deny_unauthorized` those others are cut off.
 */
import type { Server, Socket } from 'node:net';
import { printIp } from '../core/codec/address.ts';
import { inCidrs } from '../core/server/cidr.ts';
import type { ListenerConfiguration } from '../core/server/configuration/configuration.ts';

type Settings = ListenerConfiguration['proxyProtocol'];

export interface Origin {
  readonly address: string;
  readonly port: number;
}

/** How many bytes the header takes, and what it says; undefined origin: the connection is the proxy's own. */
export interface ProxyHeader {
  readonly length: number;
  readonly origin: Origin | undefined;
}

const BEHAVIORS: ReadonlySet<string> = new Set(['use_always', 'allow_authorized', 'deny_unauthorized']);
export const isBehavior = (text: string): boolean => text === '' || BEHAVIORS.has(text);

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V1 = Buffer.from('PROXY ', 'latin1');
/** "PROXY UNKNOWN" with two long addresses, its line break included. */
const LONGEST_V1 = 107;
const V2_HEAD = 16;

/** 'none': there is no header; 'more': what is there may become one; 'bad': it has begun as one and is none. */
export function readProxyHeader(bytes: Buffer): ProxyHeader | 'none' | 'more' | 'bad' {
  if (startsAs(bytes, V1)) return bytes.length < V1.length ? 'more' : readV1(bytes);
  if (startsAs(bytes, SIGNATURE)) return bytes.length < V2_HEAD ? 'more' : readV2(bytes);
  return 'none';
}

const startsAs = (bytes: Buffer, what: Buffer): boolean => {
  const length = Math.min(bytes.length, what.length);
  return length > 0 && bytes.subarray(0, length).equals(what.subarray(0, length));
};

function readV1(bytes: Buffer): ProxyHeader | 'more' | 'bad' {
  const end = bytes.subarray(0, LONGEST_V1).indexOf('\r\n');
  if (end < 0) return bytes.length < LONGEST_V1 ? 'more' : 'bad';
  const [, family, source, , port] = bytes.toString('latin1', 0, end).split(' ');
  const length = end + 2;
  if (family === 'UNKNOWN') return { length, origin: undefined };
  if ((family !== 'TCP4' && family !== 'TCP6') || source === undefined || !/^\d{1,5}$/.test(port ?? '')) return 'bad';
  return { length, origin: { address: source, port: Number(port) } };
}

function readV2(bytes: Buffer): ProxyHeader | 'more' | 'bad' {
  const [version, command] = [bytes[12]! >> 4, bytes[12]! & 0xf];
  const family = bytes[13]! >> 4;
  const length = V2_HEAD + bytes.readUInt16BE(14);
  if (version !== 2 || command > 1) return 'bad';
  if (bytes.length < length) return 'more';
  if (command === 0) return { length, origin: undefined };
  const size = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (size === 0) return { length, origin: undefined };
  if (length < V2_HEAD + 2 * size + 4) return 'bad';
  const value = BigInt(`0x${bytes.toString('hex', V2_HEAD, V2_HEAD + size)}`);
  const port = bytes.readUInt16BE(V2_HEAD + 2 * size);
  return { length, origin: { address: printIp({ width: size * 8, value }), port } };
}

const origins = new WeakMap<Socket, Origin>();
/** A TLS socket does not say which connection it is on, but has its ends. */
const underTls = new Map<string, Origin>();

/** Names a connection by its two ends. */
export const ends = ({ localPort, remoteAddress, remotePort }: Socket): string =>
  `${localPort ?? ''} ${remoteAddress ?? ''} ${remotePort ?? ''}`;

/** Who is behind a connection, where a proxy that is believed said so. */
export const originOf = (socket: Socket): Origin | undefined =>
  origins.get(socket) ?? (underTls.size > 0 ? underTls.get(ends(socket)) : undefined);

function keep(socket: Socket, origin: Origin, tls: boolean): void {
  if (tls) {
    const key = ends(socket);
    underTls.set(key, origin);
    socket.once('close', () => underTls.delete(key));
  } else origins.set(socket, origin);
}

/** Puts itself before what the server does with a connection. Must run before the server listens. */
export function expectProxies(server: Server, { behavior, authorized }: Settings, tls: boolean): void {
  const handlers = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const believed = behavior === 'use_always' || inCidrs(plainAddress(socket), authorized);
    if (!believed && behavior === 'deny_unauthorized') {
      socket.destroy();
      return;
    }
    let waiting = Buffer.alloc(0);
    const look = (): void => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
        waiting = Buffer.concat([waiting, chunk]);
      }
      if (waiting.length === 0) return;
      const found = readProxyHeader(waiting);
      if (found === 'more') return;
      socket.off('readable', look);
      if (found === 'bad') {
        socket.destroy();
        return;
      }
      const rest = found === 'none' ? waiting : waiting.subarray(found.length);
      if (found !== 'none' && found.origin !== undefined && believed) keep(socket, found.origin, tls);
      if (rest.length > 0) socket.unshift(rest);
      for (const handle of handlers) handle.call(server, socket);
      // TLS takes what has been read already by itself, and only before the socket flows.
      if (!tls) socket.resume();
    };
    socket.on('error', () => socket.destroy());
    socket.on('readable', look);
  });
}

/** IPv4 clients of a listener on all addresses come mapped into IPv6. */
export const plainAddress = ({ remoteAddress = '' }: Socket): string => remoteAddress.replace(/^::ffff:(?=\d+\.)/, '');
