import { fc, test } from '@fast-check/vitest';
import { duplexPair } from 'node:stream';
import type { Socket } from 'node:net';
import { describe, expect } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../core/codec/utf8.ts';
import type { HttpRequest } from '../../core/http/message.ts';
import { Connection } from './connection.ts';

const OPTIONS = { maxRequestSize: 100, readHeaderTimeout: 0, readTimeout: 0, writeTimeout: 0, idleTimeout: 0 };

/** What a handler saw, and what a client got until the connection ended. `pieces` are sent one after the other. */
async function exchange(pieces: readonly string[], ending = true): Promise<{ seen: string[]; got: string }> {
  const seen: string[] = [];
  const [client, server] = duplexPair({ allowHalfOpen: true });
  const handler = async ({ method, url, headers, body }: HttpRequest) => {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(`${method} ${url} ${(headers.get('x-a') ?? []).join()} ${decodeUtf8(body)}`.trim());
    return { status: 200, headers: [], body: encodeUtf8(url) };
  };
  const failed = (error: unknown): void => {
    client.destroy(error as Error);
  };
  const connection = new Connection(server as unknown as Socket, handler, { ...OPTIONS, failed });
  let got = '';
  client.on('data', (chunk: Buffer) => {
    got += chunk.toString('latin1');
  });
  const ended = new Promise<void>((resolve, reject) => {
    client.on('end', resolve);
    client.on('error', reject);
  });
  for (const piece of pieces) {
    client.write(piece, 'latin1');
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (ending) client.end();
  await ended;
  connection.close();
  client.destroy();
  return { seen, got: got.replaceAll(/Date: .*? GMT/g, 'Date: now') };
}

const HOST = 'Host: h\r\n';
const CHUNKED = `PUT /c HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`;

/** In a row on one connection. */
const REQUESTS = [
  `GET /a?b=c HTTP/1.1\r\n${HOST}X-A: 1\r\nx-a: \t2 \t\r\n\r\n`,
  `GET /lf HTTP/1.1\nHost: h\n\n`,
  `LIST /folded HTTP/1.1\r\n${HOST}X-A: one\r\n\ttwo\r\n \r\n\r\n`,
  `PUT /b HTTP/1.2\r\n${HOST}Content-Length: 7\r\nContent-Length: 7\r\n\r\n{"a":1}`,
  `${CHUNKED}3;x=y\r\nabc\r\n00A \r\n0123456789\r\n0\r\nX: y\r\n\r\n`,
  `PUT /both HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
  `POST /form HTTP/1.1\r\n${HOST}Content-Length: 1\r\n\r\nz\r\n`,
  `ANYTHING-AT-ALL /\xc3\xa9 HTTP/1.1\r\n${HOST}\r\n`,
  `GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`,
  `PUT /go HTTP/1.1\r\n${HOST}Expect: 100-Continue\r\nContent-Length: 2\r\n\r\nok`,
].join('');

const SEEN = [
  'GET /a?b=c 1,2',
  'GET /lf',
  'LIST /folded one two',
  'PUT /b  {"a":1}',
  'PUT /c  abc0123456789',
  'PUT /both  hi',
  'POST /form  z',
  'ANYTHING-AT-ALL /é',
  'GET /old',
  'PUT /go  ok',
];

describe('a connection', () => {
  test('answers each request of a row in its turn', async () => {
    const { seen, got } = await exchange([REQUESTS]);
    expect(seen).toEqual(SEEN);
    const ok = 'HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: ';
    expect(got.startsWith(`${ok}6\r\n\r\n/a?b=c${ok}3\r\n\r\n/lf`)).toBe(true);
    expect(got).toContain('HTTP/1.0 200 OK\r\nDate: now\r\nContent-Length: 4\r\nConnection: keep-alive\r\n\r\n/old');
    expect(got.endsWith(`HTTP/1.1 100 Continue\r\n\r\n${ok}3\r\n\r\n/go`)).toBe(true);
  });

  test.prop([fc.array(fc.nat(REQUESTS.length), { maxLength: 12 })], { numRuns: 60 })(
    'reads the same however the bytes are cut',
    async (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), REQUESTS.length];
      const pieces = at.slice(1).map((end, i) => REQUESTS.slice(at[i], end));
      expect((await exchange(pieces)).seen).toEqual(SEEN);
    },
  );

  test('reads what comes a byte at a time', async () => {
    expect((await exchange(Array.from(REQUESTS))).seen).toEqual(SEEN);
  });

  test.prop([fc.uint8Array({ maxLength: 200 })])('survives any bytes', async (bytes) => {
    const text = Buffer.from(bytes).toString('latin1');
    await exchange([text]);
    await exchange([`${CHUNKED}${text}`]);
  });

  test('answers many that come at once', async () => {
    const { got } = await exchange([`OPTIONS * HTTP/1.1\r\n${HOST}\r\n`.repeat(5_000)]);
    expect(got.match(/200 OK/g)).toHaveLength(5_000);
  });

  /** Asked of the real server. */
  test.each([
    [`GET / HTTP/1.1\r\n${HOST}fo o: x\r\n\r\n`, '400 Bad Request: invalid header name'],
    [`GET / HTTP/1.1\r\n${HOST}foo : x\r\n\r\n`, '400 Bad Request: invalid header name'],
    [`GET / HTTP/1.1\r\n${HOST}a(b): x\r\n\r\n`, '400 Bad Request'],
    [`GET / HTTP/1.1\r\n${HOST}: x\r\n\r\n`, '400 Bad Request'],
    [`GET / HTTP/1.1\r\n${HOST}a: \x01\r\n\r\n`, '400 Bad Request'],
    [`GET / HTTP/1.1\r\n a: b\r\n${HOST}\r\n`, '400 Bad Request'],
    ['GARBAGE\r\n', '400 Bad Request'],
    [`GET / HTTP/1.1\r\n${HOST}foo\r\nb: c\r\n`, '400 Bad Request'],
    ['\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n', '400 Bad Request'],
    ['GET  /  HTTP/1.1\r\nHost: h\r\n\r\n', '400 Bad Request'],
    ['GET / HTTP/1.10\r\nHost: h\r\n\r\n', '400 Bad Request'],
    ['GET / HTTP/0.9\r\nHost: h\r\n\r\n', '505 HTTP Version Not Supported: unsupported protocol version'],
    ['GET * HTTP/2.0\r\n\r\n', '505 HTTP Version Not Supported: unsupported protocol version'],
    ['PRI * HTTP/2.0\r\na: b\r\n\r\n', '400 Bad Request: missing required Host header'],
    [`PUT / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, '400 Bad Request'],
    [`PUT / HTTP/1.1\r\n${HOST}Content-Length: +1\r\n\r\n`, '400 Bad Request'],
    [`PUT / HTTP/1.1\r\n${HOST}Content-Length: 9223372036854775808\r\n\r\n`, '400 Bad Request'],
    [`${CHUNKED.slice(0, -2)}Trailer: Content-Length\r\n\r\n`, '400 Bad Request'],
  ])('refuses %j', async (sent, status) => {
    expect(await exchange([sent], false)).toEqual({
      seen: [],
      got: `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status}`,
    });
  });

  test.each([
    ['9\n', 'chunked line ends with bare LF'],
    ['9;a\rb\r\n', 'invalid CR in chunked line'],
    ['\r\n', 'empty hex number for chunk length'],
    [' 9\r\n', 'invalid byte in chunk length'],
    ['0x9\r\n', 'invalid byte in chunk length'],
    ['fffffffffffffffff\r\n', 'http chunk length too large'],
    [`9;${'a'.repeat(5_000)}\r\n`, 'header line too long'],
    ['1\r\nabc', 'malformed chunked encoding'],
    ['0\r\nfoo\r\n\r\n', 'malformed MIME header: missing colon: \\"foo\\"'],
    [`0\r\nX: ${'y'.repeat(5_000)}\r\n\r\n`, 'http: suspiciously long trailer after chunked body'],
    [`1;${'a'.repeat(400)}\r\n \r\n`.repeat(90), 'chunked encoding contains too much non-data'],
  ])('says what is wrong with the chunks %j', async (chunks, words) => {
    const body = `{"errors":["${words}"]}\n`;
    expect((await exchange([CHUNKED + chunks], false)).got).toBe(
      `HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nDate: now\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
  });

  test.each([
    [`PUT / HTTP/1.1\r\n${HOST}Content-Length: 20\r\n\r\n{`, 'unexpected EOF'],
    [`${CHUNKED}9\r\n{`, 'unexpected EOF'],
    [`${CHUNKED}9`, 'unexpected EOF'],
    [`${CHUNKED}0\r\n`, 'http: unexpected EOF reading trailer'],
  ])('says of %j that there should be more', async (sent, words) => {
    const { seen, got } = await exchange([sent]);
    expect(seen).toEqual([]);
    expect(got).toContain(`{"errors":["${words}"]}`);
  });

  test('hands over a byte more than the limit as soon as it is there, and ends', async () => {
    const { seen, got } = await exchange(
      [`PUT /x HTTP/1.1\r\n${HOST}Content-Length: 200\r\n\r\n${'z'.repeat(101)}`],
      false,
    );
    expect(seen).toEqual([`PUT /x  ${'z'.repeat(101)}`]);
    expect(got).toContain('Connection: close');
  });

  test('says nothing to those who leave between requests', async () => {
    expect(await exchange([''])).toEqual({ seen: [], got: '' });
    expect((await exchange(['GET / HTTP/1.1\r\nHo'])).got).toContain('400 Bad Request');
  });
});
