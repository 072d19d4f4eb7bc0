import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeUtf8 } from '../core/codec/utf8.ts';
import type { HttpRequest } from '../core/http/message.ts';
import { listenHttp } from './listener.ts';
import type { HttpListener } from './listener.ts';

let listener: HttpListener;
const seen: HttpRequest[] = [];
const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** More than what the system keeps of what was sent. */
const LONG = 16 * 1024 * 1024;
const texts: Readonly<Record<number, string>> = { 201: 'x'.repeat(3_000), 203: 'y'.repeat(LONG), 204: '' };

beforeAll(async () => {
  listener = await listenHttp(
    (request) => {
      seen.push(request);
      if (request.url === '/drop') return Promise.resolve(undefined);
      const status = Number(request.url.slice(1)) || 200;
      const body = status === 202 ? everyByte : encodeUtf8(texts[status] ?? 'body\n');
      return Promise.resolve({
        status,
        headers: [
          ['Cache-Control', 'no-store'],
          ['X-Twice', 'a'],
          ['X-Twice', 'b'],
        ],
        body,
      });
    },
    {
      address: '127.0.0.1:0',
      maxRequestSize: 10,
      failed: (error) => {
        throw error;
      },
    },
  );
});
afterAll(() => listener.close());

/** Sends bytes as they are and reads until the server closes. */
function raw(...requests: readonly string[]): Promise<string> {
  const port = Number(listener.address.split(':')[1]);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(requests[0]!));
    let sent = 1;
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (sent < requests.length) socket.write(requests[sent++]!);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text.replace(/Date: .*? GMT/g, 'Date: now')));
  });
}
const get = (line: string, close = true) =>
  `${line} HTTP/1.1\r\nHost: h\r\n${close ? 'Connection: close\r\n' : ''}\r\n`;
const common = 'Cache-Control: no-store\r\nX-Twice: a\r\nX-Twice: b\r\nDate: now\r\n';

describe('the listener', () => {
  test('sends the headers it is given, date and length, and nothing else', async () => {
    expect(await raw(get('GET /200'))).toBe(
      `HTTP/1.1 200 OK\r\n${common}Content-Length: 5\r\nConnection: close\r\n\r\nbody\n`,
    );
    expect(await raw(get('GET /204'))).toBe(`HTTP/1.1 204 No Content\r\n${common}Connection: close\r\n\r\n`);
    expect(await raw(get('HEAD /200'))).toBe(
      `HTTP/1.1 200 OK\r\n${common}Content-Length: 5\r\nConnection: close\r\n\r\n`,
    );
    expect(await raw(get('GET /999'))).toContain('HTTP/1.1 999 status code 999\r\n');
  });

  test('says nothing of connections that stay open', async () => {
    const both = await raw(get('GET /200', false), get('GET /200'));
    expect(both).toBe(
      `HTTP/1.1 200 OK\r\n${common}Content-Length: 5\r\n\r\nbody\nHTTP/1.1 200 OK\r\n${common}Content-Length: 5\r\nConnection: close\r\n\r\nbody\n`,
    );
  });

  test('sends a body byte by byte as it is', async () => {
    const answer = await fetch(`http://${listener.address}/202`);
    expect(await answer.bytes()).toEqual(everyByte);
  });

  test('sends long bodies in chunks, as Go does', async () => {
    const text = await raw(get('GET /201'));
    expect(text).toContain('Transfer-Encoding: chunked\r\n');
    expect(text).not.toContain('Content-Length');
  });

  test('takes methods that node does not know, request after request', async () => {
    seen.length = 0;
    await raw(
      get('LIST /a', false),
      get('SCAN /b', false),
      get('COPY /c', false),
      get('FOO /d', false),
      get('HELP /e'),
    );
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'LIST /a',
      'SCAN /b',
      'COPY /c',
      'FOO /d',
      'HELP /e',
    ]);
  });

  test('hands over headers in order, and no more of a body than needed', async () => {
    seen.length = 0;
    await raw(
      `PUT /x?y=%zz HTTP/1.1\r\nHost: h:1\r\nX-A: 1\r\nx-a: 2\r\nConnection: close\r\nContent-Length: 30\r\n\r\n${'z'.repeat(30)}`,
    );
    const [request] = seen;
    expect(request).toMatchObject({ method: 'PUT', url: '/x?y=%zz', host: 'h:1', remote: { address: '127.0.0.1' } });
    expect(request?.headers.get('x-a')).toEqual(['1', '2']);
    expect(request?.body.length).toBe(11);
  });

  test('drops a connection when there is no answer', async () => {
    expect(await raw(get('GET /drop'))).toBe('');
  });

  /** What Go's server answers by itself; these were asked of the real one. */
  test.each([
    ['GET\r\n\r\n', '400 Bad Request'],
    ['GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n', '400 Bad Request'],
    ['GET / HTTP/1.1\r\n\r\n', '400 Bad Request: missing required Host header'],
    ['GET / HTTP/1.1\r\nHost: a b\r\n\r\n', '400 Bad Request: malformed Host header'],
    ['GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', '400 Bad Request'],
    ['GET / HTTP/2.0\r\nHost: h\r\n\r\n', '505 HTTP Version Not Supported: unsupported protocol version'],
    ['GET /\r\nHost: h\r\n\r\n', '400 Bad Request'],
    [`GET / HTTP/1.1\r\nHost: h\r\n${'a: b\r\n'.repeat(500)}\r\n`, '431 Request Header Fields Too Large'],
    [`GET / HTTP/1.1\r\nHost: h\r\n${'a: b\r\n'.repeat(5_000)}\r\n`, '431 Request Header Fields Too Large'],
  ])('refuses %j', async (sent, status) => {
    seen.length = 0;
    expect(await raw(sent)).toBe(
      `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status}`,
    );
    expect(seen).toEqual([]);
  });

  test.each(['gzip, chunked', 'chunked\r\nTransfer-Encoding: chunked'])('refuses the encoding %j', async (encoding) => {
    expect(await raw(`PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: ${encoding}\r\n\r\n0\r\n\r\n`)).toBe(
      'HTTP/1.1 501 Not Implemented\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\nUnsupported transfer encoding',
    );
  });

  test('takes targets with a host in front, and "*"', async () => {
    seen.length = 0;
    await raw(get('GET http://x:1/200?a=b'));
    expect(seen[0]?.url).toBe('http://x:1/200?a=b');
    expect(await raw(get('OPTIONS *'))).toBe(
      'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: now\r\nConnection: close\r\n\r\n',
    );
    await raw(get('OPTIONS *', false), get('LIST /a'));
    expect(seen.map(({ method }) => method)).toEqual(['GET', 'LIST']);
  });

  test('goes on where it is expected to, and refuses other expectations', async () => {
    const put = (expected: string, length: number, body: string): Promise<string> =>
      raw(
        `PUT /200 HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: ${expected}\r\nContent-Length: ${length}\r\n\r\n${body}`,
      );
    expect(await put('100-continue', 2, 'ab')).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK\r\n/);
    expect(await put('100-continue', 0, '')).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(await put('', 2, 'ab')).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(await put('miracles', 2, 'ab')).toBe(
      'HTTP/1.1 417 Expectation Failed\r\nConnection: close\r\nDate: now\r\nContent-Length: 0\r\n\r\n',
    );
  });

  test('sends no chunks to clients of HTTP/1.0', async () => {
    const text = await raw('GET /201 HTTP/1.0\r\n\r\n');
    expect(text).not.toContain('Transfer-Encoding');
    expect(text.endsWith(`\r\n\r\n${'x'.repeat(3_000)}`)).toBe(true);
  });

  test('waits for slow readers of an answer that is the last', async () => {
    const port = Number(listener.address.split(':')[1]);
    const socket = connect(port, '127.0.0.1', () => socket.write(get('GET /203')));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    let size = 0;
    for await (const chunk of socket) size += (chunk as Buffer).length;
    expect(size).toBeGreaterThan(LONG);
  });

  test('answers CONNECT like any other request', async () => {
    expect(await raw(get('CONNECT h:80'))).toBe(
      `HTTP/1.1 200 OK\r\n${common}Content-Length: 5\r\nConnection: close\r\n\r\nbody\n`,
    );
  });

  test('a port in use rejects', async () => {
    const again = listenHttp(() => Promise.resolve(undefined), {
      address: listener.address,
      maxRequestSize: 1,
      failed: () => undefined,
    });
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
