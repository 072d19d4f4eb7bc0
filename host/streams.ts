/** Connections to other people's servers, bytes as they come; node:tls is loaded when the first of them asks for it. */
import { connect, isIP, type Socket } from 'node:net';
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { NetworkError } from '../core/runtime.ts';
import type { ByteStream, Greeted, Greeting, Micros, OutgoingTls, Streams } from '../core/runtime.ts';
import { lookupAt } from './names.ts';
import { dialError, networkError, splitHostPort } from './network.ts';
import { outgoingTlsOptions, tlsComplaint } from './outgoing-tls.ts';

export const hostStreams: Streams = { dial, greet };

async function dial(address: string, timeout: Micros, tls?: OutgoingTls): Promise<ByteStream> {
  if (address === '') throw new NetworkError('unreachable', 'dial tcp: missing address');
  if (!/:\d+$/.test(address)) {
    throw new NetworkError('unreachable', `dial tcp: address ${address}: missing port in address`);
  }
  const socket = tls === undefined ? connect(splitHostPort(address)) : overTls(address, tls);
  await opened(socket, tls === undefined ? 'connect' : 'secureConnect', address, timeout);
  return new StreamConnection(socket, address);
}

async function greet(address: string, greeting: Greeting, timeout: Micros): Promise<Greeted> {
  const { protocol, serverName, resolver } = greeting;
  const target = splitHostPort(address);
  const named = resolver === undefined ? target : { ...target, lookup: lookupAt(resolver, timeout) };
  const socket = connect(named);
  await opened(socket, 'connect', address, timeout);
  const tls = process.getBuiltinModule('node:tls').connect({
    socket,
    ALPNProtocols: [protocol],
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
  });
  await opened(tls, 'secureConnect', address, timeout);
  // What comes after this is nobody's business.
  tls.on('error', () => undefined);
  const certificates: Uint8Array[] = [];
  for (let one = tls.getPeerX509Certificate(); one !== undefined; one = one.issuerCertificate) {
    certificates.push(new Uint8Array(one.raw));
  }
  const chosen = tls.alpnProtocol;
  tls.destroy();
  return { protocol: typeof chosen === 'string' ? chosen : '', certificates };
}

/** Throws NetworkError for settings that no handshake can be made with. */
function overTls(address: string, tls: OutgoingTls, socket?: Socket): TLSSocket {
  const target = socket === undefined ? splitHostPort(address) : { host: splitHostPort(address).host, socket };
  try {
    return process.getBuiltinModule('node:tls').connect({
      ...target,
      minVersion: 'TLSv1.2',
      // A name for a server that is asked for by its address is none.
      ...(/^[\d.]+$|:/.test(target.host) ? {} : { servername: target.host }),
      ...outgoingTlsOptions(tls),
    });
  } catch (error) {
    throw new NetworkError('reset', tlsComplaint(error) ?? 'tls: failed to find any PEM data in certificate input');
  }
}

function opened(socket: Socket, event: 'connect' | 'secureConnect', address: string, timeout: Micros): Promise<void> {
  return new Promise((resolve, reject) => {
    let shown: X509Certificate | undefined;
    // A connection that is refused for its certificate has forgotten it by then.
    if (event === 'secureConnect') {
      socket.prependOnceListener('secure', () => (shown = (socket as TLSSocket).getPeerX509Certificate()));
    }
    const fail = (error: NetworkError): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const broken = (error: Error): void => {
      if (error instanceof NetworkError) return fail(new NetworkError(error.code, `dial tcp: ${error.message}`));
      const complaint = tlsComplaint(error, shown);
      return fail(complaint === undefined ? dialError(error, address) : new NetworkError('reset', complaint));
    };
    const timer = setTimeout(
      () => fail(new NetworkError('timeout', `dial tcp ${address}: i/o timeout`)),
      timeout / 1_000,
    );
    socket.once('error', broken);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off('error', broken);
      resolve();
    });
  });
}

class StreamConnection implements ByteStream {
  readonly local: string;
  readonly remote: string;
  #socket: Socket;
  readonly #address: string;
  readonly #early: Uint8Array[] = [];
  #receive: ((message: Uint8Array) => void) | undefined;
  #closed: ((reason: 'eof' | NetworkError) => void) | undefined;
  #end: 'eof' | NetworkError | undefined;

  constructor(socket: Socket, address: string) {
    this.#socket = socket;
    this.#address = address;
    this.local = `${socket.localAddress}:${socket.localPort}`;
    this.remote = `${socket.remoteAddress}:${socket.remotePort}`;
    socket.setNoDelay(true);
    this.#watch(socket);
  }

  async secure(tls: OutgoingTls, timeout: Micros): Promise<void> {
    this.#socket.removeAllListeners();
    const secured = overTls(this.#address, tls, this.#socket);
    this.#socket = secured;
    await opened(secured, 'secureConnect', this.#address, timeout);
    this.#watch(secured);
  }

  #watch(socket: Socket): void {
    socket.on('data', (chunk) => {
      const bytes = new Uint8Array(chunk as Buffer);
      if (this.#receive === undefined) this.#early.push(bytes);
      else this.#receive(bytes);
    });
    socket.on('error', (error) => {
      const complaint = tlsComplaint(error);
      const read = `read tcp ${this.local}->${this.remote}`;
      this.#finish(complaint === undefined ? networkError(error, read) : new NetworkError('reset', complaint));
    });
    socket.on('end', () => this.#finish('eof'));
    socket.on('close', () => this.#finish('eof'));
  }

  send(message: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(message);
  }

  onMessage(receive: (message: Uint8Array) => void): void {
    this.#receive = receive;
    for (const bytes of this.#early.splice(0)) receive(bytes);
  }

  onClose(closed: (reason: 'eof' | NetworkError) => void): void {
    this.#closed = closed;
    if (this.#end !== undefined) closed(this.#end);
  }

  close(): void {
    this.#closed = undefined;
    this.#socket.end();
    this.#socket.destroySoon();
  }

  #finish(reason: 'eof' | NetworkError): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    this.#closed?.(reason);
  }
}
