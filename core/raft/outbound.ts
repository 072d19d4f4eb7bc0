/** A connection on which we ask: answers come in the order of the questions. */
import type { Clock, Connection, Micros, Timer } from '../runtime.ts';
import { SECOND } from '../runtime.ts';
import type { Response } from './messages.ts';
import { readResponse } from './messages.ts';
import { WireError, WireReader } from './wire.ts';

/** hashicorp/raft's network timeout as OpenBao sets it: of a dial, and of one request with its answer. */
export const IO_TIMEOUT: Micros = 10 * SECOND;

/** `failure` is set when there is no response. */
export type Answered = (response: Response | undefined, failure: string) => void;

interface Waiting {
  readonly timeout: Micros;
  readonly answered: Answered;
}

export class Outbound {
  readonly address: string;
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #waiting: Waiting[] = [];
  /** When the answer to the oldest question is overdue. */
  #deadline: Micros = 0;
  #timer: Timer | undefined;
  #failure: string | undefined;

  constructor(connection: Connection, address: string, clock: Clock) {
    this.#connection = connection;
    this.address = address;
    this.#clock = clock;
    connection.onMessage((message) => this.#received(message));
    connection.onClose((reason) => this.#broke(reason === 'eof' ? 'EOF' : reason.message));
  }

  /** Answers later even when the connection broke while nobody used it, which only now is noticed. */
  ask(message: Uint8Array, answered: Answered, timeout: Micros = IO_TIMEOUT): void {
    if (this.#failure !== undefined) {
      const failure = this.#failure;
      void Promise.resolve().then(() => answered(undefined, failure));
      return;
    }
    this.#waiting.push({ timeout, answered });
    if (this.#waiting.length === 1) this.#watch();
    this.#connection.send(message);
  }

  /** Sends what gets no answer. */
  tell(message: Uint8Array): void {
    this.#connection.send(message);
  }

  get broken(): boolean {
    return this.#failure !== undefined;
  }

  /** Nobody is told. */
  close(): void {
    this.#waiting.length = 0;
    this.#failure ??= 'use of closed network connection';
    this.#timer?.cancel();
    this.#connection.close();
  }

  #received(message: Uint8Array): void {
    const first = this.#waiting.shift();
    if (first === undefined) return;
    if (this.#waiting.length > 0) this.#watch();
    let response: Response;
    try {
      response = readResponse(new WireReader(message));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      first.answered(undefined, error.message);
      this.#fail(error.message);
      return;
    }
    first.answered(response, '');
  }

  /** One timer serves many requests: it looks when it fires whether anything is overdue. */
  #watch(): void {
    this.#deadline = this.#clock.monotonic() + this.#waiting[0]!.timeout;
    this.#timer ??= this.#clock.after(this.#waiting[0]!.timeout, () => this.#look());
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const left = this.#deadline - this.#clock.monotonic();
    if (left > 0) this.#timer = this.#clock.after(left, () => this.#look());
    else this.#fail(`read tcp ${this.#connection.local}->${this.#connection.remote}: i/o timeout`);
  }

  #fail(failure: string): void {
    this.#connection.close();
    this.#broke(failure);
  }

  #broke(failure: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#timer?.cancel();
    for (const { answered } of this.#waiting.splice(0)) answered(undefined, failure);
  }
}
