/**
 * The cluster port: one listener for raft and for forwarded requests (facts §2.8). Upstream tells them apart by ALPN
 * in a TLS handshake; here the first message of a connection names the protocol, and the peer greets if it takes it.
 */
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { StreamLayer } from '../../raft/types.ts';
import { type Clock, type Connection, type Listener, type Micros, NetworkError, type Runtime } from '../../runtime.ts';

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
  /** host:port. */
  readonly address: string;
  readonly #handlers = new Map<string, Accept>();
  readonly #open = new Set<Connection>();
  #listener: Listener | undefined;

  constructor(runtime: Runtime, address: string) {
    this.#runtime = runtime;
    this.address = address;
  }

  start(): void {
    if (this.#listener !== undefined) return;
    this.#runtime.log.write('info', 'core.cluster-listener', 'serving cluster requests', {
      cluster_listen_address: this.address,
    });
    this.#listener = this.#runtime.network.listen(this.address, (connection) => this.#accept(connection));
  }

  stop(): void {
    this.#listener?.close();
    this.#listener = undefined;
    for (const connection of this.#open) connection.close();
    this.#open.clear();
  }

  handle(protocol: string, accept: Accept): void {
    this.#handlers.set(protocol, accept);
  }

  stopHandling(protocol: string): void {
    this.#handlers.delete(protocol);
  }

  /** Rejects with NetworkError; so it does when the peer does not take the protocol, or does not finish in `timeout`. */
  async dial(address: string, protocol: string, timeout: Micros): Promise<Connection> {
    const { clock, cpu, network } = this.#runtime;
    const start = clock.monotonic();
    const connection = await network.dial(address, timeout);
    connection.send(encodeUtf8(protocol));
    const agreed = new NamedConnection(connection);
    await greeted(agreed, clock, timeout - (clock.monotonic() - start));
    await cpu.spend('cluster.handshake');
    return agreed;
  }

  streams(protocol: string): StreamLayer {
    return {
      dial: (address, timeout) => this.dial(address, protocol, timeout),
      accept: (handle) => this.handle(protocol, handle),
    };
  }

  #accept(connection: Connection): void {
    this.#open.add(connection);
    const agreed = new NamedConnection(connection);
    connection.onClose((reason) => {
      this.#open.delete(connection);
      agreed.closed(reason);
    });
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
