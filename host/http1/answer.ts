/** Answers over HTTP/1 as Go's server writes them. */
import type { Duplex } from 'node:stream';
import type { HttpResponse } from '../../core/http/message.ts';
import { statusText } from '../../core/codec/http-status.ts';
import { bufferOf } from '../bytes.ts';
import { httpDate } from '../incoming.ts';
import type { Head, Refusal } from './head.ts';

/** Go's server computes the length of short bodies only, and sends longer ones in chunks. */
const CHUNKED_FROM = 2_048;

/** What of a request decides how its answer is sent. */
export type Asked = Pick<Head, 'method' | 'old' | 'last'>;

/** True: the connection ends with it. */
export function sendAnswer(socket: Duplex, asked: Asked, response: HttpResponse): boolean {
  const { status, headers, body, follow } = response;
  const bodiless = status === 204 || status === 304;
  const empty = bodiless || asked.method === 'HEAD';
  let lines = `HTTP/1.${asked.old ? 0 : 1} ${status} ${reason(status)}\r\n`;
  let [length, connection]: (string | undefined)[] = [];
  for (const [name, value] of headers) {
    lines += headerLine(name, value);
    if (name === 'Content-Length') length = value;
    else if (name === 'Connection') connection = value;
  }
  lines += `Date: ${httpDate()}\r\n`;
  let inChunks = false;
  let endless = false;
  if (!bodiless && length === undefined) {
    if (body.length <= CHUNKED_FROM && follow === undefined) {
      if (asked.method !== 'HEAD' || body.length > 0) lines += `Content-Length: ${body.length}\r\n`;
    } else if (asked.old) {
      // They know no chunks: their answer ends with the connection.
      endless = true;
    } else {
      inChunks = true;
      lines += 'Transfer-Encoding: chunked\r\n';
    }
  }
  const last = asked.last || endless || connection === 'close';
  if (connection === undefined) {
    if (last && !asked.old) lines += 'Connection: close\r\n';
    else if (!last && asked.old) lines += 'Connection: keep-alive\r\n';
  }
  if (empty) socket.write(`${lines}\r\n`, 'latin1');
  else if (body.length <= CHUNKED_FROM && !inChunks) {
    // As one text, because of bytes node would make a list of pieces.
    socket.write(`${lines}\r\n${bufferOf(body).toString('latin1')}`, 'latin1');
  } else {
    socket.cork();
    socket.write(`${lines}\r\n`, 'latin1');
    if (body.length > 0) sendPiece(socket, body, inChunks);
    if (inChunks && follow === undefined) socket.write('0\r\n\r\n', 'latin1');
    socket.uncork();
  }
  return last;
}

/** One of those of which a body consists that is sent in chunks, and that of HTTP/1.0 which is not. */
export function sendPiece(socket: Duplex, piece: Uint8Array | string, chunked: boolean): void {
  const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
  socket.cork();
  if (chunked) socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1');
  socket.write(bytes);
  if (chunked) socket.write('\r\n', 'latin1');
  socket.uncork();
}

/** The last that is said on a connection. */
export const refusalText = ({ status, body }: Refusal): string =>
  `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${body}`;

/** A value is characters that stand for bytes, or text; it never ends its line. */
function headerLine(name: string, value: string): string {
  if (!/[\r\n\u0100-\uffff]/.test(value)) return `${name}: ${value}\r\n`;
  return `${name}: ${Buffer.from(value)
    .toString('latin1')
    .replaceAll(/[\r\n]/g, ' ')}\r\n`;
}

const reason = (status: number): string => statusText(status) || `status code ${status}`;
