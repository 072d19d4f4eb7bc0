/** HTTP/2 on TLS connections that agree on it, as Go's server has it: its settings, refusals, and headers of answers. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { noBytes } from '../core/codec/bytes.ts';
import type { HttpHandler, HttpResponse } from '../core/http/message.ts';
import { bodyLimit } from '../core/http/body-limit.ts';
import { NOT_FOR_HTTP2 } from '../core/server/configuration/cipher-suites.ts';
import { type ExchangeOptions, httpDate, isTarget, Kept, MAX_HEADERS, senderOf, unread } from './incoming.ts';

const MIB = 1024 * 1024;

/** What Go's server announces. */
const SETTINGS = {
  initialWindowSize: MIB,
  maxFrameSize: MIB,
  maxConcurrentStreams: 250,
  maxHeaderListSize: MIB + 320,
};

/** Go's server computes the length of bodies that it need not send in pieces. */
const IN_PIECES_FROM = 4_096;

/** The connections that agreed on HTTP/2. */
export class Http2 {
  readonly #handler: HttpHandler;
  readonly #options: ExchangeOptions;
  readonly #sessions = new Set<ServerHttp2Session>();

  constructor(handler: HttpHandler, options: ExchangeOptions) {
    this.#handler = handler;
    this.#options = options;
  }

  take(socket: TLSSocket): void {
    const weakness = weaknessOf(socket);
    if (weakness !== undefined) {
      socket.on('error', () => undefined);
      socket.write(goAway(INADEQUATE_SECURITY, weakness));
      socket.destroySoon();
      return;
    }
    const session = begin(socket, this.#handler, this.#options);
    this.#sessions.add(session);
    session.once('close', () => this.#sessions.delete(session));
  }

  close(): void {
    for (const session of this.#sessions) session.close();
  }
}

function begin(socket: TLSSocket, handler: HttpHandler, options: ExchangeOptions): ServerHttp2Session {
  // Most servers never need it.
  const { performServerHandshake } = process.getBuiltinModule('node:http2');
  const session = performServerHandshake(socket, { settings: SETTINGS, maxHeaderListPairs: MAX_HEADERS + 4 });
  session.setLocalWindowSize(MIB);
  let open = 0;
  session.on('stream', (stream, headers, flags, raw) => {
    open += 1;
    stream.once('close', () => {
      open -= 1;
    });
    stream.on('error', () => undefined);
    exchange(handler, { stream, headers, raw, socket, bodiless: (flags & 1) !== 0 }, options).catch(
      (error: unknown) => {
        breakOff(stream);
        options.failed(error);
      },
    );
  });
  session.on('error', () => session.destroy());
  if (options.idleTimeout > 0) {
    session.setTimeout(options.idleTimeout, () => {
      if (open === 0) session.close();
    });
  }
  return session;
}

const PROTOCOL_ERROR = 1;
const INADEQUATE_SECURITY = 12;

/** Why HTTP/2 is not spoken over this TLS, in Go's words. */
function weaknessOf(socket: TLSSocket): string | undefined {
  const version = socket.getProtocol();
  if (version === 'TLSv1' || version === 'TLSv1.1') return 'TLS version too low';
  const suite = NOT_FOR_HTTP2[socket.getCipher().standardName];
  return suite === undefined ? undefined : `Prohibited TLS 1.2 Cipher Suite: ${suite}`;
}

/** The frame that ends a connection before anything was exchanged. */
function goAway(code: number, reason: string): Buffer {
  const frame = Buffer.alloc(17 + reason.length);
  frame.writeUIntBE(frame.length - 9, 0, 3);
  frame.writeUInt8(7, 3);
  frame.writeUInt32BE(code, 13);
  frame.write(reason, 17, 'latin1');
  return frame;
}

/** The client is told of an internal error; closing the stream would look like the end of an answer that has begun. */
const breakOff = (stream: ServerHttp2Stream): void => {
  stream.destroy(new Error('broken off'));
};

interface Incoming {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  /** Name, value, name, value. */
  readonly raw: readonly string[];
  readonly socket: TLSSocket;
  readonly bodiless: boolean;
}

async function exchange(handler: HttpHandler, incoming: Incoming, options: ExchangeOptions): Promise<void> {
  const { stream, headers, raw, socket, bodiless } = incoming;
  const { ':method': method = '', ':path': url = '', ':authority': authority = headers.host ?? '' } = headers;
  if (!isTarget(url)) {
    stream.close(PROTOCOL_ERROR);
    return;
  }
  if (url === '*' && method === 'OPTIONS') {
    stream.resume();
    send(stream, method, { status: 200, headers: [['Content-Length', '0']], body: noBytes });
    return;
  }
  let body: Uint8Array;
  try {
    if (!bodiless && headers.expect?.toLowerCase() === '100-continue') stream.additionalHeaders({ ':status': 100 });
    body = bodiless ? noBytes : await readBody(stream, url, options);
  } catch (error) {
    if (error instanceof TooSlow) {
      send(stream, method, unread('i/o timeout'));
      stream.once('finish', () => stream.close());
    }
    return;
  }
  closeAfter(options.writeTimeout, stream);
  const sent = headersOf(raw);
  for (const name of [':method', ':path', ':scheme', ':authority']) sent.delete(name);
  const response = await handler({ method, url, headers: sent, body, host: authority, ...senderOf(socket) });
  if (stream.destroyed) return;
  if (response === undefined) breakOff(stream);
  else send(stream, method, response);
}

/** Lower-case names; `raw` is name, value, name, value. */
function headersOf(raw: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [raw[i + 1]!]);
    else values.push(raw[i + 1]!);
  }
  return headers;
}

/** The body did not come in time. */
class TooSlow extends Error {}

/** One byte more than the limit shows the handler that there was more. Rejects with TooSlow, or when the client goes. */
function readBody(
  incoming: ServerHttp2Stream,
  url: string,
  { maxRequestSize, readTimeout }: ExchangeOptions,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const kept = new Kept(bodyLimit({ url }, maxRequestSize));
    const timer = readTimeout > 0 ? setTimeout(() => reject(new TooSlow()), readTimeout) : undefined;
    incoming.on('data', (chunk: Buffer) => kept.push(chunk));
    incoming.on('end', () => {
      clearTimeout(timer);
      resolve(kept.bytes());
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

/** An answer that is not complete by then is broken off. */
function closeAfter(limit: number, stream: ServerHttp2Stream): void {
  if (limit <= 0) return;
  const timer = setTimeout(() => breakOff(stream), limit);
  stream.once('close', () => clearTimeout(timer));
}

function send(stream: ServerHttp2Stream, method: string, { status, headers, body, follow }: HttpResponse): void {
  const lines: OutgoingHttpHeaders = { ':status': status };
  let length = body.length <= IN_PIECES_FROM && follow === undefined ? String(body.length) : undefined;
  if (status === 204 || status === 304 || (method === 'HEAD' && body.length === 0)) length = undefined;
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const before = lines[key];
    if (key === 'content-length') length = value;
    // It is the connection's business, and has its own frames.
    else if (key !== 'connection') lines[key] = before === undefined ? value : [before, value].flat().map(String);
  }
  if (length !== undefined) lines['content-length'] = length;
  lines['date'] = httpDate();
  const empty = method === 'HEAD' || (body.length === 0 && follow === undefined);
  stream.respond(lines, { endStream: empty });
  if (empty) return;
  if (follow === undefined) {
    stream.end(body);
    return;
  }
  if (body.length > 0) stream.write(body);
  stream.once(
    'close',
    follow((text) => stream.write(text)),
  );
}
