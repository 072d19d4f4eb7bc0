/** HTTP/1 over node:http: what Go's server answers before a handler is asked, and answers as it writes them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { noBytes } from '../core/codec/bytes.ts';
import { statusText } from '../core/codec/http-status.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../core/http/message.ts';
import { bufferOf } from './bytes.ts';
import {
  closeAfter,
  type ExchangeOptions,
  headersOf,
  httpDate,
  isTarget,
  MAX_HEADERS,
  readBody,
  senderOf,
  TooSlow,
  tooSlow,
} from './incoming.ts';
import { requestDone, sentMethod } from './methods.ts';

/** One request and its answer. */
export async function exchange(
  handler: HttpHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: ExchangeOptions,
): Promise<void> {
  const refusal = refusalOf(incoming);
  if (refusal !== undefined) {
    refuse(incoming.socket, ...refusal);
    return;
  }
  if (incoming.url === '*' && incoming.method === 'OPTIONS') {
    incoming.resume();
    send(incoming, outgoing, { status: 200, headers: [['Content-Length', '0']], body: noBytes });
    return;
  }
  let body: Uint8Array;
  try {
    body = hasBody(incoming) ? await readBody(incoming, incoming.url ?? '', options) : noBytes;
  } catch (error) {
    if (error instanceof TooSlow) send(incoming, outgoing, lateBody(incoming));
    // The client went away while sending.
    else outgoing.destroy();
    return;
  }
  closeAfter(options.writeTimeout, outgoing, () => outgoing.destroy());
  const response = await handler(toRequest(incoming, body));
  if (response === undefined) outgoing.destroy();
  else send(incoming, outgoing, response);
}

/** CONNECT, which node hands over as a bare connection. Go answers it like any other request, and closes. */
export async function answerConnect(handler: HttpHandler, incoming: IncomingMessage): Promise<void> {
  const response = await handler(toRequest(incoming, noBytes));
  if (response === undefined) incoming.socket.destroy();
  else endWith(incoming.socket, response);
}

export const hasBody = ({ headers }: IncomingMessage): boolean =>
  (headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined;

/** Whoever expects something else of the server than to go on. */
export function refuseExpectation(incoming: IncomingMessage, outgoing: ServerResponse): void {
  send(incoming, outgoing, { status: 417, headers: [['Connection', 'close']], body: noBytes });
}

/** What node's parser could not read. */
export function refuseUnreadable(error: Error, socket: Duplex): void {
  const code = 'code' in error ? error.code : undefined;
  // Who does not send is not talked to.
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') socket.destroy();
  if (!socket.writable) return;
  if (code === 'HPE_HEADER_OVERFLOW') refuse(socket, TOO_LARGE);
  else if (code === 'HPE_INVALID_TRANSFER_ENCODING') refuse(socket, ...NO_SUCH_ENCODING);
  else refuse(socket, BAD_REQUEST);
}

type Refusal = readonly [status: string, body?: string];

const BAD_REQUEST = '400 Bad Request';
const TOO_LARGE = '431 Request Header Fields Too Large';
const NO_SUCH_ENCODING: Refusal = ['501 Not Implemented', 'Unsupported transfer encoding'];

/** As of Go's httpguts: all that a host may be made of. */
const HOST = /^[A-Za-z0-9!$%&'()*+,\-.:;=[\]_~]*$/;

function refusalOf(incoming: IncomingMessage): Refusal | undefined {
  const { headers, rawHeaders, httpVersionMajor: major, httpVersionMinor: minor, url = '' } = incoming;
  if (major > 1) return ['505 HTTP Version Not Supported: unsupported protocol version'];
  if (major < 1 || !isTarget(url)) return [BAD_REQUEST];
  if (rawHeaders.length > 2 * MAX_HEADERS) return [TOO_LARGE];
  const encoding = headers['transfer-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'chunked') return NO_SUCH_ENCODING;
  const { host } = headers;
  if (host === undefined) return minor > 0 ? [`${BAD_REQUEST}: missing required Host header`] : undefined;
  if (!HOST.test(host)) return [`${BAD_REQUEST}: malformed Host header`];
  return timesHost(rawHeaders) > 1 ? [BAD_REQUEST] : undefined;
}

function timesHost(raw: readonly string[]): number {
  let times = 0;
  for (let i = 0; i < raw.length; i += 2) if (raw[i]!.length === 4 && raw[i]!.toLowerCase() === 'host') times += 1;
  return times;
}

function refuse(socket: Duplex, status: string, body = status): void {
  socket.end(`HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${body}`);
}

function lateBody({ socket }: IncomingMessage): HttpResponse {
  const local = `${socket.localAddress ?? ''}:${socket.localPort ?? 0}`;
  const remote = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
  const { headers, ...rest } = tooSlow(`read tcp ${local}->${remote}: i/o timeout`);
  return { ...rest, headers: [...headers, ['Connection', 'close']] };
}

function toRequest(incoming: IncomingMessage, body: Uint8Array): HttpRequest {
  const { socket } = incoming;
  return {
    method: sentMethod(socket, incoming.method ?? 'GET'),
    url: incoming.url ?? '/',
    headers: headersOf(incoming.rawHeaders),
    body,
    host: incoming.headers.host ?? '',
    ...senderOf(socket),
  };
}

/** Go's server computes the length of short bodies only, and sends longer ones in chunks. */
const CHUNKED_FROM = 2_048;

function send(incoming: IncomingMessage, outgoing: ServerResponse, response: HttpResponse): void {
  const { status, headers, body, follow } = response;
  requestDone(incoming.socket);
  const lines: string[] = [];
  for (const [name, value] of headers) lines.push(name, value);
  outgoing.sendDate = false;
  lines.push('Date', httpDate());
  const lengthKnown = headers.some(([name]) => name === 'Content-Length');
  const bodiless = status === 204 || status === 304;
  if (!bodiless && !lengthKnown) {
    if (body.length > CHUNKED_FROM || follow !== undefined) {
      // Clients of HTTP/1.0 know no chunks: their answer ends with the connection.
      if (incoming.httpVersionMinor > 0) lines.push('Transfer-Encoding', 'chunked');
    } else if (incoming.method !== 'HEAD' || body.length > 0) lines.push('Content-Length', String(body.length));
  }
  // Keeps node from announcing what becomes of the connection; Go says it to those who ask for its end.
  outgoing.removeHeader('Connection');
  const announced = announcement(incoming);
  if (announced !== undefined && !headers.some(([name]) => name === 'Connection')) lines.push('Connection', announced);
  outgoing.writeHead(status, reason(status), lines);
  if (follow === undefined) {
    if (incoming.method === 'HEAD' || bodiless) outgoing.end();
    else if (body.length > CHUNKED_FROM) outgoing.end(body);
    // As a text node writes it with the headers in one go; of bytes it would make a list of pieces.
    else outgoing.end(bufferOf(body).toString('latin1'), 'latin1');
  } else {
    outgoing.flushHeaders();
    if (body.length > 0) outgoing.write(body);
    outgoing.once(
      'close',
      follow((text) => outgoing.write(text)),
    );
  }
}

function announcement({ headers, httpVersionMinor: minor }: IncomingMessage): string | undefined {
  const asked = headers.connection?.toLowerCase();
  if (asked === undefined || minor === 0) return undefined;
  return asked.split(',').some((token) => token.trim() === 'close') ? 'close' : undefined;
}

function endWith(socket: Duplex, { status, headers, body }: HttpResponse): void {
  const lines = [
    ...headers,
    ['Date', httpDate()],
    ['Content-Length', String(body.length)],
    ['Connection', 'close'],
  ].map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${status} ${reason(status)}\r\n${lines.join('')}\r\n${bufferOf(body).toString('latin1')}`,
    'latin1',
  );
}

const reason = (status: number): string => statusText(status) || `status code ${status}`;
