/** HTTP/1.1 on simulated connections: one message is one request or one response, whole. */
import { concatBytes } from '../../core/codec/bytes.ts';
import { decodeUtf8, encodeUtf8 } from '../../core/codec/utf8.ts';
import { assert } from '../../core/assert.ts';
import type { HttpResponse } from '../../core/http/message.ts';

/** A request as a client writes it. */
export interface OutgoingRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly host: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** What the server reads: names in lower case, values in order of arrival. */
export interface IncomingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Uint8Array;
}

export function encodeRequest(request: OutgoingRequest): Uint8Array {
  const { method, url, host, headers, body } = request;
  const length = body.length > 0 ? `Content-Length: ${body.length}\r\n` : '';
  return encode(`${method} ${url} HTTP/1.1\r\nHost: ${host}\r\n${length}`, headers, body);
}

/** `date` is the server's wall clock in HTTP form. */
export function encodeResponse(response: HttpResponse, date: string): Uint8Array {
  const { status, headers, body } = response;
  return encode(`HTTP/1.1 ${status}\r\nDate: ${date}\r\nContent-Length: ${body.length}\r\n`, headers, body);
}

function encode(start: string, headers: OutgoingRequest['headers'], body: Uint8Array): Uint8Array {
  let head = start;
  for (const [name, value] of headers) head += `${name}: ${value}\r\n`;
  return concatBytes(encodeUtf8(`${head}\r\n`), body);
}

export function decodeRequest(message: Uint8Array): IncomingRequest {
  const { line, headers, body } = decode(message);
  const [method, url] = line.split(' ');
  assert(method !== undefined && url !== undefined, 'a request line has a method and a target');
  return { method, url, headers, body };
}

/** A response as a client reads it. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Uint8Array;
}

export function decodeResponse(message: Uint8Array): Answer {
  const { line, headers, body } = decode(message);
  return { status: Number(line.split(' ')[1]), headers, body };
}

interface Decoded {
  readonly line: string;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Uint8Array;
}

function decode(message: Uint8Array): Decoded {
  const end = endOfHead(message);
  const rows = decodeUtf8(message.subarray(0, end)).split('\r\n');
  const headers = new Map<string, string[]>();
  for (let at = 1; at < rows.length; at++) {
    const row = rows[at]!;
    const colon = row.indexOf(':');
    const name = row.slice(0, colon).toLowerCase();
    const values = headers.get(name);
    const value = row.slice(colon + 1).trim();
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return { line: rows[0]!, headers, body: message.subarray(end + 4) };
}

function endOfHead(message: Uint8Array): number {
  for (let i = message.indexOf(13); i >= 0 && i + 3 < message.length; i = message.indexOf(13, i + 1)) {
    if (message[i + 1] === 10 && message[i + 2] === 13 && message[i + 3] === 10) return i;
  }
  assert(false, 'a message has a head');
}
