/** A connection on which we are asked: one request at a time, the next when the last is answered. */
import type { Connection, Micros } from '../runtime.ts';
import type { Chunk, Hello, Peer, Request } from './messages.ts';
import { readRequest } from './messages.ts';
import { WireError, WireReader } from './wire.ts';

export interface InboundHandlers {
  /** `respond` or `receive` is called for it later. */
  request(from: Peer, request: Request, connection: Inbound): void;
  /** The connection sent something that is no request. */
  broken(error: string): void;
  closed(connection: Inbound): void;
  /** Where somebody measures: monotonic micros. */
  now?(): Micros;
}

/** Of the last request, monotonic micros; all 0 where nobody measures. */
export interface InboundTimes {
  idleSince: Micros;
  began: Micros;
  readAt: Micros;
}

export class Inbound {
  readonly #connection: Connection;
  readonly #handlers: InboundHandlers;
  readonly #later: Uint8Array[] = [];
  #from: Peer | undefined;
  #busy = false;
  #chunks: Chunk[] = [];
  #closed: string | undefined;
  #wake: (() => void) | undefined;
  readonly times: InboundTimes;

  constructor(connection: Connection, handlers: InboundHandlers) {
    this.#connection = connection;
    this.#handlers = handlers;
    const now = handlers.now?.() ?? 0;
    this.times = { idleSince: now, began: now, readAt: now };
    connection.onMessage((message) => this.#received(message));
    connection.onClose((reason) => this.#ended(reason === 'eof' ? 'EOF' : reason.message));
  }

  respond(bytes: Uint8Array): void {
    if (this.#closed !== undefined) return;
    this.#connection.send(bytes);
    this.times.idleSince = this.#handlers.now?.() ?? 0;
    this.#busy = false;
    this.#chunks = [];
    const next = this.#later.shift();
    if (next !== undefined) this.#received(next);
  }

  /** The pieces that follow an install request, up to their end. Throws when the connection breaks before. */
  async *receive(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks[0];
      // The end stays, for whoever reads on after a failure.
      if (chunk?.kind === 'end') return;
      if (chunk !== undefined) {
        this.#chunks.shift();
        yield chunk.bytes;
        continue;
      }
      if (this.#closed !== undefined) throw new Error(this.#closed === 'EOF' ? 'unexpected EOF' : this.#closed);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.#ended('EOF');
    this.#connection.close();
  }

  #received(bytes: Uint8Array): void {
    if (this.#closed !== undefined) return;
    let message: Request | Chunk | Hello;
    const began = this.#handlers.now?.() ?? 0;
    try {
      message = readRequest(new WireReader(bytes));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#handlers.broken(error.message);
      this.close();
      return;
    }
    if (message.kind === 'chunk' || message.kind === 'end') {
      this.#chunks.push(message);
      this.#wake?.();
    } else if (message.kind === 'hello') {
      this.#from = { id: message.id, address: message.address };
    } else if (this.#busy) {
      this.#later.push(bytes);
    } else if (this.#from === undefined) {
      this.#handlers.broken('a request came before the hello');
      this.close();
    } else {
      this.#busy = true;
      this.times.began = began;
      this.times.readAt = this.#handlers.now?.() ?? 0;
      this.#handlers.request(this.#from, message, this);
    }
  }

  #ended(reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.#later.length = 0;
    this.#wake?.();
    this.#handlers.closed(this);
  }
}
