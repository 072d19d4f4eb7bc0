/** What a request brings, whatever version of HTTP it comes by: its headers, its body, and who sent it. */
import type { Readable, Writable } from 'node:stream';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { HttpRequest, HttpResponse } from '../core/http/message.ts';
import { noBytes } from '../core/codec/bytes.ts';
import { bodyLimit } from '../core/http/body-limit.ts';
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

/** Lower-case names; `raw` is name, value, name, value. */
export function headersOf(raw: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [raw[i + 1]!]);
    else values.push(raw[i + 1]!);
  }
  return headers;
}

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

/** The body did not come in time. */
export class TooSlow extends Error {}

/** One byte more than the limit shows the handler that there was more. Rejects with TooSlow, or when the client goes. */
export function readBody(
  incoming: Readable,
  url: string,
  { maxRequestSize, readTimeout }: ExchangeOptions,
): Promise<Uint8Array> {
  const most = bodyLimit({ url }, maxRequestSize) + 1;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = readTimeout > 0 ? setTimeout(() => reject(new TooSlow()), readTimeout) : undefined;
    incoming.on('data', (chunk: Buffer) => {
      if (size < most) chunks.push(chunk);
      size += chunk.length;
    });
    incoming.on('end', () => {
      clearTimeout(timer);
      const whole = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      resolve(whole.length > most ? whole.subarray(0, most) : whole);
    });
    const broken = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    incoming.on('error', broken);
    incoming.on('aborted', () => broken(new Error('aborted')));
    incoming.on('close', () => broken(new Error('closed')));
  });
}

/** What is said of a body that could not be read, in the words of Go's connection. */
export function unread(words: string): HttpResponse {
  const { body = noBytes } = errors(500, words);
  return { status: 500, headers: [['Content-Type', 'application/json']], body };
}

/** An answer that is not complete by then is broken off. */
export function closeAfter(limit: number, outgoing: Writable, breakOff: () => void): void {
  if (limit <= 0) return;
  const timer = setTimeout(breakOff, limit);
  outgoing.once('close', () => clearTimeout(timer));
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
