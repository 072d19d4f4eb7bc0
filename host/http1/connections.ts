/** All connections of a listener that speak HTTP/1. */
import type { Socket } from 'node:net';
import type { HttpHandler } from '../../core/http/message.ts';
import { Connection, type ConnectionOptions } from './connection.ts';

/** How often connections are looked at whose time may be over, in milliseconds: cheaper than a timer a request. */
const CHECK = 500;

export class Connections {
  readonly #handler: HttpHandler;
  readonly #options: ConnectionOptions;
  readonly #open = new Set<Connection>();
  #timer: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(handler: HttpHandler, options: ConnectionOptions) {
    this.#handler = handler;
    this.#options = options;
  }

  take(socket: Socket): void {
    const connection = new Connection(socket, this.#handler, this.#options);
    this.#open.add(connection);
    this.#timer ??= setInterval(() => this.#check(), CHECK).unref();
    socket.once('close', () => {
      this.#open.delete(connection);
      if (this.#open.size === 0) this.#rest();
    });
    if (this.#closing) connection.close();
  }

  /** Ends the idle ones; those in use end with their answer. */
  close(): void {
    this.#closing = true;
    for (const connection of this.#open) connection.close();
  }

  #check(): void {
    const time = performance.now();
    for (const connection of this.#open) connection.check(time);
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
