/** How raft nodes reach each other: hashicorp/raft's network transport, with its pool and its timeouts. */
import type { Clock, Connection, Log } from '../runtime.ts';
import { Inbound } from './inbound.ts';
import type { InboundHandlers } from './inbound.ts';
import type { InstallRequest, Peer, Request, Response } from './messages.ts';
import { writeRequest, writeResponse } from './messages.ts';
import type { Answered } from './outbound.ts';
import { IO_TIMEOUT, Outbound } from './outbound.ts';
import type { RaftMeter } from './meter.ts';
import type { StreamLayer } from './types.ts';
import { WireWriter } from './wire.ts';

/** Idle connections kept for each peer. */
const MAX_POOL = 3;
/** A snapshot may take one timeout for each piece of this size. Bytes. */
const TIMEOUT_SCALE = 256 * 1024;

/** Two requests on the way, answers in order. */
export interface Pipeline {
  send(request: Request): void;
  close(): void;
}

export class Transport {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #streams: StreamLayer;
  readonly #hello: Uint8Array;
  readonly #writer = new WireWriter();
  readonly #pool = new Map<string, Outbound[]>();
  readonly #inbound = new Set<Inbound>();
  readonly #using = new Set<Outbound>();
  readonly #requests = new Map<number, Inbound>();
  #nextRpc = 1;
  #closed = false;

  constructor(
    runtime: { readonly clock: Clock; readonly log: Log },
    streams: StreamLayer,
    self: Peer,
    request: (rpc: number, from: Peer, request: Request) => void,
    meter?: RaftMeter,
  ) {
    this.#clock = runtime.clock;
    this.#log = runtime.log;
    this.#streams = streams;
    writeRequest(this.#writer, { kind: 'hello', ...self });
    this.#hello = this.#writer.take();
    const handlers: InboundHandlers = {
      request: (from, message, connection) => {
        const rpc = this.#nextRpc++;
        this.#requests.set(rpc, connection);
        const { began, idleSince, readAt } = connection.times;
        const enqueued = meter?.received(rpc, message, began - idleSince, readAt - began);
        request(rpc, from, message);
        enqueued?.();
      },
      broken: (error) =>
        this.#log.write('error', 'storage.raft.raft-net', 'failed to decode incoming command', { error }),
      closed: (connection) => this.#inbound.delete(connection),
      ...(meter && { now: () => meter.now() }),
    };
    streams.accept((connection) => this.#accept(connection, self, handlers));
  }

  /** One request and its answer on a pooled connection. `answered` is called later, once. */
  call(to: Peer, request: Request, answered: Answered): void {
    this.#connect(to, answered, (connection) => {
      connection.ask(this.#bytes(request), (response, failure) => {
        this.#using.delete(connection);
        if (response !== undefined) this.#giveBack(connection);
        answered(response, failure);
      });
    });
  }

  /** `opened` gets the pipeline or a failure; `piped` each answer, undefined once the connection is broken. */
  openPipeline(
    to: Peer,
    opened: (pipeline: Pipeline | undefined, failure: string) => void,
    piped: (response: Response | undefined) => void,
  ): void {
    this.#connect(
      to,
      (_, failure) => opened(undefined, failure),
      (connection) => {
        let closed = false;
        const answered: Answered = (response) => {
          if (!closed) piped(response);
        };
        opened(
          {
            send: (request) => connection.ask(this.#bytes(request), answered),
            close: () => {
              closed = true;
              this.#drop(connection);
            },
          },
          '',
        );
      },
    );
  }

  /** An install request, the pieces, and the answer, on a connection that is not used again. */
  sendSnapshot(to: Peer, request: InstallRequest, pieces: AsyncIterable<Uint8Array>, answered: Answered): void {
    this.#connect(to, answered, (connection) => {
      const done: Answered = (response, failure) => {
        this.#drop(connection);
        answered(response, failure);
      };
      void this.#stream(connection, request, pieces, done);
    });
  }

  async #stream(
    connection: Outbound,
    request: InstallRequest,
    pieces: AsyncIterable<Uint8Array>,
    done: Answered,
  ): Promise<void> {
    connection.tell(this.#bytes(request));
    let size = 0;
    try {
      for await (const bytes of pieces) {
        if (connection.broken) break;
        size += bytes.length;
        writeRequest(this.#writer, { kind: 'chunk', bytes });
        connection.tell(this.#writer.take());
      }
    } catch (error) {
      done(undefined, error instanceof Error ? error.message : String(error));
      return;
    }
    writeRequest(this.#writer, { kind: 'end' });
    connection.ask(this.#writer.take(), done, IO_TIMEOUT * Math.max(1, Math.floor(size / TIMEOUT_SCALE)));
  }

  respond(rpc: number, response: Response): void {
    const connection = this.#requests.get(rpc);
    this.#requests.delete(rpc);
    if (connection === undefined) return;
    writeResponse(this.#writer, response);
    connection.respond(this.#writer.takeShortLived());
  }

  /** The pieces that follow the install request `rpc`. */
  receive(rpc: number): AsyncIterable<Uint8Array> | undefined {
    return this.#requests.get(rpc)?.receive();
  }

  close(): void {
    this.#closed = true;
    for (const connections of this.#pool.values()) for (const connection of connections) connection.close();
    for (const connection of this.#using) connection.close();
    for (const connection of this.#inbound) connection.close();
    this.#pool.clear();
    this.#using.clear();
    this.#requests.clear();
  }

  #accept(connection: Connection, self: Peer, handlers: InboundHandlers): void {
    if (this.#closed) {
      connection.close();
      return;
    }
    const fields = { 'local-address': self.address, 'remote-address': connection.remote };
    this.#log.write('debug', 'storage.raft.raft-net', 'accepted connection', fields);
    this.#inbound.add(new Inbound(connection, handlers));
  }

  #bytes(request: Request): Uint8Array {
    writeRequest(this.#writer, request);
    // Who gets entries keeps them, as parts of the message; of a heartbeat nothing is kept.
    const forgotten = request.kind === 'append' && request.entries.length === 0;
    return forgotten ? this.#writer.takeShortLived() : this.#writer.take();
  }

  /** The connection that was given back last, else a new one. That it broke meanwhile shows when it is used. */
  #connect(to: Peer, failed: Answered, connected: (connection: Outbound) => void): void {
    const pooled = this.#pool.get(to.address)?.pop();
    if (pooled !== undefined) {
      this.#using.add(pooled);
      connected(pooled);
      return;
    }
    this.#streams.dial(to.address, IO_TIMEOUT).then(
      (raw) => {
        if (this.#closed) {
          raw.close();
          return;
        }
        const connection = new Outbound(raw, to.address, this.#clock);
        this.#using.add(connection);
        raw.send(this.#hello);
        connected(connection);
      },
      (error: unknown) => {
        if (!this.#closed) failed(undefined, error instanceof Error ? error.message : String(error));
      },
    );
  }

  #giveBack(connection: Outbound): void {
    let pool = this.#pool.get(connection.address);
    if (pool === undefined) this.#pool.set(connection.address, (pool = []));
    if (!this.#closed && pool.length < MAX_POOL) pool.push(connection);
    else connection.close();
  }

  #drop(connection: Outbound): void {
    this.#using.delete(connection);
    connection.close();
  }
}
