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
  const { line, by } = endOf(asked, response);
  const connection = headers.find(([name]) => name === 'Connection')?.[1];
  const last = asked.last || by === 'connection' || connection === 'close';
  let head = `HTTP/1.${asked.old ? 0 : 1} ${status} ${reason(status)}\r\n`;
  for (const [name, value] of headers) head += headerLine(name, value);
  head += `Date: ${httpDate()}\r\n${line}`;
  // What is not as it would be by itself is said.
  if (connection === undefined && last !== asked.old) head += `Connection: ${last ? 'close' : 'keep-alive'}\r\n`;
  head += '\r\n';
  if (isBodiless(status) || asked.method === 'HEAD') socket.write(head, 'latin1');
  else if (by === 'length' && body.length <= CHUNKED_FROM) {
    // As one text, because of bytes node would make a list of pieces.
    socket.write(head + bufferOf(body).toString('latin1'), 'latin1');
  } else {
    socket.cork();
    socket.write(head, 'latin1');
    if (body.length > 0) sendPiece(socket, body, by === 'chunks');
    if (by === 'chunks' && follow === undefined) socket.write('0\r\n\r\n', 'latin1');
    socket.uncork();
  }
  return last;
}

const isBodiless = (status: number): boolean => status === 204 || status === 304;

/** By what a client knows where the body ends, and the header that says so where none does yet. */
function endOf(
  { method, old }: Asked,
  { status, headers, body, follow }: HttpResponse,
): { readonly line: string; readonly by: 'length' | 'chunks' | 'connection' } {
  if (isBodiless(status) || headers.some(([name]) => name === 'Content-Length')) return { line: '', by: 'length' };
  if (body.length <= CHUNKED_FROM && follow === undefined) {
    const unsaid = method === 'HEAD' && body.length === 0;
    return { line: unsaid ? '' : `Content-Length: ${body.length}\r\n`, by: 'length' };
  }
  // HTTP/1.0 knows no chunks.
  return old ? { line: '', by: 'connection' } : { line: 'Transfer-Encoding: chunked\r\n', by: 'chunks' };
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
  const bytes = Buffer.from(value).toString('latin1');
  return `${name}: ${bytes.replaceAll(/[\r\n]/g, ' ')}\r\n`;
}

const reason = (status: number): string => statusText(status) || `status code ${status}`;
