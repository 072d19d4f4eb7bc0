/** What a request brings, whatever version of HTTP it comes by: its headers, its body, and who sent it. */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { HttpRequest, HttpResponse } from '../core/http/message.ts';
import { noBytes } from '../core/codec/bytes.ts';
import { errors } from '../core/http/reply.ts';
import { parseTarget } from '../core/http/url.ts';
import { originOf, plainAddress } from './proxy-protocol.ts';

export interface ExchangeOptions {
  /** Bytes of a body that are read before the rest is thrown away (bodyLimit); the handler refuses what is longer. */
  readonly maxRequestSize: number;
  /** Milliseconds for a request with its body; 0: none. */
  readonly readTimeout: number;
  /** How long an answer may take from when its request was read; 0: however long. */
  readonly writeTimeout: number;
  /** Milliseconds without a request after which a connection is closed; 0: never. */
  readonly idleTimeout: number;
  /** A bug of ours: the process should end. */
  readonly failed: (error: unknown) => void;
}

/** A header line more is one too many. */
export const MAX_HEADERS = 500;

export function senderOf(socket: Socket): Pick<HttpRequest, 'remote' | 'tls'> {
  return {
    remote: originOf(socket) ?? { address: plainAddress(socket), port: socket.remotePort ?? 0 },
    ...('encrypted' in socket ? { tls: tlsOf(socket as TLSSocket) } : {}),
  };
}

function tlsOf(socket: TLSSocket): NonNullable<HttpRequest['tls']> {
  const certificate = socket.getPeerX509Certificate();
  const chain: Uint8Array[] = [];
  for (let next = certificate; next !== undefined; next = next.issuerCertificate) chain.push(next.raw);
  const serverName: unknown = (socket as { servername?: unknown }).servername;
  return { clientCertificates: chain, ...(typeof serverName === 'string' ? { serverName } : {}) };
}

/** Whether Go's server hands the target on: it answers others before any handler is asked. */
export const isTarget = (url: string): boolean =>
  (url.startsWith('/') && !url.includes('%')) || parseTarget(url) !== undefined;

/** What came of a body so far; of one that is too long, little more than `most` bytes. */
export class Kept {
  readonly #most: number;
  readonly #pieces: Buffer[] = [];
  size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get overlong(): boolean {
    return this.size > this.#most;
  }

  push(piece: Buffer): void {
    if (!this.overlong) this.#pieces.push(piece);
    this.size += piece.length;
  }

  /** A byte more than the limit shows whoever reads it that there was more. */
  bytes(): Buffer {
    const whole = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    return this.overlong ? whole.subarray(0, this.#most + 1) : whole;
  }
}

/** What is said of a body that could not be read, in the words of Go's connection. */
export function unread(words: string): HttpResponse {
  const { body = noBytes } = errors(500, words);
  return { status: 500, headers: [['Content-Type', 'application/json']], body };
}

let dateSecond = 0;
let dateText = '';

/** For the header Date. One text a second. */
export function httpDate(): string {
  const second = Math.floor(Date.now() / 1_000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1_000).toUTCString();
  }
  return dateText;
}
