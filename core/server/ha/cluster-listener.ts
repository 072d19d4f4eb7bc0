/**
 * The cluster port: one listener for raft and for forwarded requests (facts §2.8). They are told apart by ALPN in a
 * TLS handshake; where the network has no TLS, the first message of a connection names the protocol. Either way the
 * peer greets when it takes the connection: a client's part of a handshake is over before its certificate is judged.
 */
import { shownAddress } from '../../codec/log-text.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { StreamLayer } from '../../raft/types.ts';
import {
  type Clock,
  type Connection,
  type Listener,
  type Micros,
  NetworkError,
  type NodeIdentity,
  type Runtime,
} from '../../runtime.ts';

export const RAFT_PROTOCOL = 'raft_storage_v1';
export const FORWARDING_PROTOCOL = 'req_fw_sb-act_v1';
/** How long upstream's listener gives running calls when a protocol is taken away. */
export const LISTENER_DEADLINE: Micros = 500_000;

const GREETING = encodeUtf8('ok');
/** What a TLS server says that has no configuration for the protocol. */
const REFUSED = 'remote error: tls: internal error';

type Accept = (connection: Connection) => void;

export class ClusterListener {
  readonly #runtime: Runtime;
  /** host:port each. */
  readonly addresses: readonly string[];
  readonly #handlers = new Map<string, Accept>();
  readonly #identities = new Map<string, readonly NodeIdentity[]>();
  readonly #open = new Set<Connection>();
  #listeners: readonly Listener[] = [];

  constructor(runtime: Runtime, addresses: readonly string[]) {
    this.#runtime = runtime;
    this.addresses = addresses;
  }

  start(): void {
    const { log } = this.#runtime;
    if (this.#listeners.length > 0) {
      log.write('warn', 'core', 'cluster listener is already started');
      return;
    }
    log.write('debug', 'core', 'starting cluster listeners');
    for (const address of this.addresses) {
      log.write('info', 'core.cluster-listener.tcp', 'starting listener', { listener_address: shownAddress(address) });
    }
    this.#listeners = this.addresses.map((address) => {
      const fields = { cluster_listen_address: shownAddress(address) };
      log.write('info', 'core.cluster-listener', 'serving cluster requests', fields);
      return this.#listen(address);
    });
  }

  #listen(address: string): Listener {
    const { network } = this.#runtime;
    if (network.tls === undefined) return network.listen(address, (connection) => this.#accept(connection));
    return network.tls.listen(address, this.#identities, (protocol, connection) => {
      void this.#greet(this.#agreed(connection), protocol);
    });
  }

  stop(): void {
    if (this.#listeners.length === 0) return;
    const { log } = this.#runtime;
    log.write('info', 'core', 'stopping cluster listeners');
    log.write('info', 'core.cluster-listener', 'forwarding rpc listeners stopped');
    for (const listener of this.#listeners) listener.close();
    this.#listeners = [];
    for (const connection of this.#open) connection.close();
    this.#open.clear();
    log.write('info', 'core.cluster-listener', 'rpc listeners successfully shut down');
    log.write('info', 'core', 'cluster listeners successfully shut down');
  }

  /** What a protocol is spoken with where there is TLS, the one to dial with first. */
  identify(protocol: string, identities: readonly NodeIdentity[]): void {
    this.#identities.set(protocol, identities);
  }

  handle(protocol: string, accept: Accept): void {
    this.#handlers.set(protocol, accept);
  }

  stopHandling(protocol: string): void {
    this.#handlers.delete(protocol);
  }

  /** Rejects with NetworkError; so it does when the peer does not take the protocol, or does not finish in `timeout`. */
  async dial(
    address: string,
    protocol: string,
    identity: NodeIdentity | undefined,
    timeout: Micros,
  ): Promise<Connection> {
    const { clock, cpu } = this.#runtime;
    const start = clock.monotonic();
    const connection = await this.#connect(address, protocol, identity, timeout);
    const agreed = new NamedConnection(connection);
    await greeted(agreed, clock, timeout - (clock.monotonic() - start));
    await cpu.spend('cluster.handshake');
    return agreed;
  }

  async #connect(
    address: string,
    protocol: string,
    identity: NodeIdentity | undefined,
    timeout: Micros,
  ): Promise<Connection> {
    const { network } = this.#runtime;
    if (network.tls === undefined) {
      const connection = await network.dial(address, timeout);
      connection.send(encodeUtf8(protocol));
      return connection;
    }
    if (identity === undefined) throw new NetworkError('refused', 'no TLS configuration found for ALPN');
    return network.tls.dial(address, protocol, identity, timeout);
  }

  streams(protocol: string): StreamLayer {
    return {
      dial: (address, timeout) => this.dial(address, protocol, this.#identities.get(protocol)?.[0], timeout),
      accept: (handle) => this.handle(protocol, handle),
    };
  }

  #agreed(connection: Connection): NamedConnection {
    this.#open.add(connection);
    const agreed = new NamedConnection(connection);
    connection.onClose((reason) => {
      this.#open.delete(connection);
      agreed.closed(reason);
    });
    return agreed;
  }

  #accept(connection: Connection): void {
    const agreed = this.#agreed(connection);
    agreed.onMessage((message) => void this.#greet(agreed, decodeUtf8(message)));
  }

  async #greet(connection: NamedConnection, protocol: string): Promise<void> {
    connection.hold();
    await this.#runtime.cpu.spend('cluster.handshake');
    const accept = this.#handlers.get(protocol);
    if (accept === undefined) {
      const fields = { ALPN: JSON.stringify([protocol]) };
      this.#runtime.log.write('warn', 'core.cluster-listener', 'no TLS config found for ALPN', fields);
      connection.close();
      return;
    }
    connection.send(GREETING);
    accept(connection);
  }
}

/** Waits until the peer has greeted. */
function greeted(connection: NamedConnection, clock: Clock, timeout: Micros): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NetworkError): void => {
      timer.cancel();
      connection.close();
      reject(error);
    };
    const timer = clock.after(timeout, () =>
      fail(new NetworkError('timeout', `dial tcp ${connection.remote}: i/o timeout`)),
    );
    connection.onMessage(() => {
      timer.cancel();
      connection.hold();
      resolve();
    });
    connection.onClose((reason) => fail(reason === 'eof' ? new NetworkError('refused', REFUSED) : reason));
  });
}

type CloseReason = Parameters<Parameters<Connection['onClose']>[0]>[0];

/** A connection that changes hands: what arrives while nobody listens waits. */
class NamedConnection implements Connection {
  readonly #inner: Connection;
  #waiting: Uint8Array[] = [];
  #receive: ((message: Uint8Array) => void) | undefined;
  #end: CloseReason | undefined;
  #closed: ((reason: CloseReason) => void) | undefined;

  constructor(inner: Connection) {
    this.#inner = inner;
    inner.onMessage((message) => {
      if (this.#receive === undefined) this.#waiting.push(message);
      else this.#receive(message);
    });
    inner.onClose((reason) => this.closed(reason));
  }

  get local(): string {
    return this.#inner.local;
  }

  get remote(): string {
    return this.#inner.remote;
  }

  send(message: Uint8Array): void {
    this.#inner.send(message);
  }

  /** From now on messages and the end wait for the next listener. */
  hold(): void {
    this.#receive = undefined;
    this.#closed = undefined;
  }

  onMessage(receive: (message: Uint8Array) => void): void {
    if (this.#waiting.length === 0) {
      this.#receive = receive;
      return;
    }
    // Whoever takes the connection over sets his other handlers first.
    void Promise.resolve().then(() => {
      this.#receive = receive;
      for (const message of this.#waiting.splice(0)) receive(message);
    });
  }

  onClose(closed: (reason: CloseReason) => void): void {
    this.#closed = closed;
    const end = this.#end;
    if (end !== undefined) void Promise.resolve().then(() => closed(end));
  }

  closed(reason: CloseReason): void {
    this.#end = reason;
    this.#closed?.(reason);
  }

  close(): void {
    this.#inner.close();
  }
}
