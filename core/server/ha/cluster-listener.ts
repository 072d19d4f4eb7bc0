/**
 * The cluster port: one listener for raft and for forwarded requests (facts §2.8). Upstream tells them apart by ALPN
 * in a TLS handshake; here the first message of a connection names the protocol.
 */
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { StreamLayer } from '../../raft/types.ts';
import type { Connection, Listener, Micros, Runtime } from '../../runtime.ts';

export const RAFT_PROTOCOL = 'raft_storage_v1';
export const FORWARDING_PROTOCOL = 'req_fw_sb-act_v1';
/** How long upstream's listener gives running calls when a protocol is taken away. */
export const LISTENER_DEADLINE: Micros = 500_000;

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

  /** Rejects with NetworkError. What a peer that does not speak the protocol does is to close. */
  async dial(address: string, protocol: string, timeout: Micros): Promise<Connection> {
    const connection = await this.#runtime.network.dial(address, timeout);
    connection.send(encodeUtf8(protocol));
    return connection;
  }

  streams(protocol: string): StreamLayer {
    return {
      dial: (address, timeout) => this.dial(address, protocol, timeout),
      accept: (handle) => this.handle(protocol, handle),
    };
  }

  #accept(connection: Connection): void {
    let named: NamedConnection | undefined;
    this.#open.add(connection);
    connection.onClose((reason) => {
      this.#open.delete(connection);
      named?.closed(reason);
    });
    connection.onMessage((message) => {
      if (named !== undefined) {
        named.received(message);
        return;
      }
      const accept = this.#handlers.get(decodeUtf8(message));
      if (accept === undefined) {
        connection.close();
        return;
      }
      named = new NamedConnection(connection);
      accept(named);
    });
  }
}

type CloseReason = Parameters<Parameters<Connection['onClose']>[0]>[0];

/** A connection whose first message has been taken. */
class NamedConnection implements Connection {
  readonly #inner: Connection;
  received: (message: Uint8Array) => void = () => {};
  closed: (reason: CloseReason) => void = () => {};

  constructor(inner: Connection) {
    this.#inner = inner;
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

  onMessage(receive: (message: Uint8Array) => void): void {
    this.received = receive;
  }

  onClose(closed: (reason: CloseReason) => void): void {
    this.closed = closed;
  }

  close(): void {
    this.#inner.close();
  }
}
