/**
 * One client's connection: request after request, each answered before the next is looked at, as Go's server does it
 * (what it refuses by itself, how long it waits, when it closes).
 */
import type { Socket } from 'node:net';
import { noBytes } from '../../core/codec/bytes.ts';
import { bodyLimit } from '../../core/http/body-limit.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../../core/http/message.ts';
import { type ExchangeOptions, senderOf, unread } from '../incoming.ts';
import { refusalText, sendAnswer, sendPiece } from './answer.ts';
import { Backlog, CARRIAGE_RETURN, LINE_FEED } from './backlog.ts';
import { type Body, BrokenBody, ChunkedBody, SizedBody } from './body.ts';
import { badRequest, earlyRefusal, type Head, lateRefusal, readHead, Refusal, tooLarge } from './head.ts';

export interface ConnectionOptions extends ExchangeOptions {
  /** Milliseconds; 0: none. */
  readonly readHeaderTimeout: number;
}

/** Go's mebibyte, and what its reader has ahead. */
const LONGEST_HEAD = 1024 * 1024 + 4_096;
/** Fewer bytes are no request yet on a connection that had one. */
const ENOUGH = 4;
/** What a client may send ahead while its request is being answered. */
const AHEAD = 64 * 1024;
/** How long a client that is told off may go on sending, so that it reads why. */
const LINGER = 500;

/** To `OPTIONS *`, which asks for what the server can. */
const NOTHING: HttpResponse = { status: 200, headers: [['Content-Length', '0']], body: noBytes };

/** 'idle': between requests. 'busy': a request is being answered; 'followed': piece by piece. */
type State = 'idle' | 'head' | 'body' | 'busy' | 'followed' | 'over';

const now = (): number => performance.now();
const within = (timeout: number): number => (timeout > 0 ? now() + timeout : Number.POSITIVE_INFINITY);

export class Connection {
  readonly #socket: Socket;
  readonly #handler: HttpHandler;
  readonly #options: ConnectionOptions;
  readonly #backlog = new Backlog();
  #sender: Pick<HttpRequest, 'remote' | 'tls'> | undefined;
  #state: State = 'head';
  #head: Head | undefined;
  #body: Body | undefined;
  /** Up to where there is no end of the head. */
  #searched = 0;
  /** When the request at hand has to be complete; and when the state at hand has to be over. */
  #due: number;
  #deadline: number;
  /** Nothing more comes. */
  #ended = false;
  /** The server is about to stop. */
  #closing = false;
  #lastMethod = '';

  constructor(socket: Socket, handler: HttpHandler, options: ConnectionOptions) {
    this.#socket = socket;
    this.#handler = handler;
    this.#options = options;
    this.#due = within(options.readTimeout);
    this.#deadline = within(options.readHeaderTimeout);
    socket.on('data', (piece: Buffer) => this.#guarded(() => this.#take(piece)));
    socket.on('end', () => this.#guarded(() => this.#end()));
    socket.on('error', () => socket.destroy());
  }

  /** Closes between requests, and an answer without an end, at once; otherwise with the answer. */
  close(): void {
    this.#closing = true;
    if (this.#state === 'idle' || this.#state === 'followed' || (this.#state === 'head' && this.#backlog.length === 0))
      this.#socket.destroy();
  }

  /** To be called now and then. */
  check(time: number): void {
    if (time < this.#deadline) return;
    if (this.#state === 'body') this.#guarded(() => this.#lateBody());
    else if (this.#state === 'head') this.#guarded(() => this.#lateHead());
    // An answer that is not complete in time is broken off.
    else this.#socket.destroy();
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#socket.destroy();
      this.#options.failed(error);
    }
  }

  #take(piece: Buffer): void {
    // Such an answer is the last, and goes on until the client leaves.
    if (this.#state === 'over' || this.#state === 'followed') return;
    this.#backlog.append(piece);
    if (this.#state === 'busy') {
      if (this.#backlog.length > AHEAD) this.#socket.pause();
    } else this.#advance();
  }

  #end(): void {
    this.#ended = true;
    if (this.#state === 'followed') this.#socket.destroy();
    else if (this.#state === 'body') this.#broken(this.#body!.missing);
    else if (this.#state === 'head' && this.#backlog.length > 0) this.#refuse(badRequest);
    else if (this.#state === 'idle' || this.#state === 'head') this.#over();
  }

  #advance(): void {
    if (this.#state === 'idle') {
      if (this.#backlog.length < ENOUGH) return;
      this.#begin();
    }
    if (this.#state === 'head' && !this.#readHead()) return;
    if (this.#state === 'body') this.#readBody();
  }

  /** The first bytes of a request are there. */
  #begin(): void {
    this.#state = 'head';
    this.#searched = 0;
    this.#due = within(this.#options.readTimeout);
    this.#deadline = within(this.#options.readHeaderTimeout);
    // Old clients end a form with a line break that they do not count.
    if (this.#lastMethod === 'POST')
      this.#backlog.drop(/^[\r\n]{0,4}/.exec(this.#backlog.view.toString('latin1', 0, 4))![0].length);
  }

  /** False: there is not enough yet, or no body to be read. */
  #readHead(): boolean {
    const { view } = this.#backlog;
    const end = endOfHead(view, this.#searched);
    if (end < 0) {
      const whole = view.lastIndexOf(LINE_FEED) + 1;
      const refusal = whole > this.#searched ? earlyRefusal(view.toString('latin1', 0, whole)) : undefined;
      this.#searched = Math.max(0, view.length - 2);
      if (refusal !== undefined) this.#refuse(refusal);
      else if (view.length > LONGEST_HEAD) this.#refuse(tooLarge);
      return false;
    }
    const head = end > LONGEST_HEAD ? tooLarge : readHead(view.toString('latin1', 0, end));
    if (head instanceof Refusal) {
      this.#refuse(head);
      return false;
    }
    this.#backlog.drop(end);
    this.#head = head;
    this.#lastMethod = head.method;
    if (head.expects === 'else') {
      this.#answer({ status: 417, headers: [['Connection', 'close']], body: noBytes });
      return false;
    }
    if (head.body === 0) {
      this.#handle(noBytes);
      return false;
    }
    const most = bodyLimit({ url: head.target }, this.#options.maxRequestSize);
    this.#body = head.body === 'chunked' ? new ChunkedBody(most) : new SizedBody(head.body, most);
    this.#state = 'body';
    this.#deadline = this.#due;
    if (head.expects === 'continue') this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');
    return true;
  }

  #readBody(): void {
    const body = this.#body!;
    try {
      if (!body.take(this.#backlog)) return;
    } catch (error) {
      if (!(error instanceof BrokenBody)) throw error;
      this.#broken(error);
      return;
    }
    if (body.overlong) this.#head = { ...this.#head!, last: true };
    this.#handle(body.bytes());
  }

  #broken({ message, told }: BrokenBody): void {
    this.#closing = true;
    this.#head = { ...this.#head!, last: told };
    this.#answer(unread(message));
  }

  /** Who sends nothing, or nothing wrong, is not talked to. */
  #lateHead(): void {
    const text = this.#backlog.view.toString('latin1');
    const refusal = text === '' ? undefined : lateRefusal(text);
    if (refusal === undefined) this.#socket.destroy();
    else this.#refuse(refusal);
  }

  #lateBody(): void {
    const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = this.#socket;
    const ends = `${localAddress}:${localPort}->${remoteAddress}:${remotePort}`;
    this.#broken(new BrokenBody(`read tcp ${ends}: i/o timeout`, true));
  }

  #handle(body: Uint8Array): void {
    const { method, target, headers, host } = this.#head!;
    this.#state = 'busy';
    this.#body = undefined;
    this.#deadline = within(this.#options.writeTimeout);
    this.#sender ??= senderOf(this.#socket);
    const ofServer = method === 'OPTIONS' && target === '*';
    const request = { method, url: target, headers, body, host, ...this.#sender };
    (ofServer ? Promise.resolve(NOTHING) : this.#handler(request))
      .then((response) => this.#guarded(() => this.#answer(response)))
      .catch((error: unknown) => {
        this.#socket.destroy();
        this.#options.failed(error);
      });
  }

  /** Undefined: there is none, and the connection is dropped. */
  #answer(response: HttpResponse | undefined): void {
    const socket = this.#socket;
    if (socket.destroyed) return;
    if (response === undefined) {
      socket.destroy();
      return;
    }
    const head = this.#head!;
    const last = sendAnswer(socket, head, response);
    if (response.follow !== undefined) {
      this.#state = 'followed';
      socket.once(
        'close',
        response.follow((text) => sendPiece(socket, text, !head.old)),
      );
    } else if (last || this.#closing) this.#over();
    else if (socket.writableNeedDrain) socket.once('drain', () => this.#guarded(() => this.#next()));
    else this.#next();
  }

  #next(): void {
    this.#state = 'idle';
    this.#head = undefined;
    this.#deadline = within(this.#options.idleTimeout);
    if (this.#socket.isPaused()) this.#socket.resume();
    if (this.#backlog.length > 0) this.#advance();
    if (this.#ended) this.#end();
  }

  #refuse(refusal: Refusal): void {
    this.#socket.write(refusalText(refusal), 'latin1');
    this.#over();
  }

  /** What was said is sent, what still comes is thrown away. */
  #over(): void {
    this.#state = 'over';
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#socket.end(() => {
      if (!this.#ended) setTimeout(() => this.#socket.destroy(), LINGER).unref();
    });
    this.#socket.resume();
  }
}

/** Behind the empty line; -1 where there is none yet. What is before `from` was searched already. */
function endOfHead(view: Buffer, from: number): number {
  for (let feed = view.indexOf(LINE_FEED, from); feed >= 0; feed = view.indexOf(LINE_FEED, feed + 1)) {
    if (view[feed + 1] === LINE_FEED) return feed + 2;
    if (view[feed + 1] === CARRIAGE_RETURN && view[feed + 2] === LINE_FEED) return feed + 3;
  }
  return -1;
}
