/** What is said of odd requests before a handler is asked, over HTTP/1 and HTTP/2, ours and the real server's side by side. */
import { connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { same } from './beside.ts';

const WAIT = 120_000;

const STATUS = '/v1/sys/seal-status';
const PUT = 'PUT /v1/sys/unseal HTTP/1.1\r\nHost: h\r\n';

/** As they are sent, but for the line break that ends the headers where there is none yet. */
const REQUESTS: readonly string[] = [
  `GET ${STATUS} HTTP/1.1\r\nHost: h\r\n`,
  `GET ${STATUS} HTTP/1.1\r\nHost: h\r\nConnection: foo, Close\r\n`,
  'OPTIONS * HTTP/1.1\r\nHost: h\r\n',
  'GET * HTTP/1.1\r\nHost: h\r\n',
  'GET /v1/%zz HTTP/1.1\r\nHost: h\r\n',
  'GET v1/x HTTP/1.1\r\nHost: h\r\n',
  ...['http://x', 'https://x:9', 'http://', 'ftp://a', 'http://u:p@h', 'HTTP://[::1]:80'].map(
    (host) => `GET ${host}${STATUS}?a=b HTTP/1.1\r\nHost: h\r\n`,
  ),
  ...['http://a%zz', 'http://a:x', 'http://[::1'].map((host) => `GET ${host}${STATUS} HTTP/1.1\r\nHost: h\r\n`),
  'GET http://x HTTP/1.1\r\nHost: h\r\n',
  `GET ${STATUS}#x HTTP/1.1\r\nHost: h\r\n`,
  `GET ${STATUS}?a=b#x HTTP/1.1\r\nHost: h\r\n`,
  `GET ${STATUS} HTTP/1.1\r\n`,
  `GET ${STATUS} HTTP/1.1\r\nHost: a\r\nHost: b\r\n`,
  ...['', 'a b', 'a/b', 'a@b', 'a"b', 'a#b', 'a_b', 'a~b', 'a%41', '[::1]:80', 'a,b', 'a|b'].map(
    (host) => `GET ${STATUS} HTTP/1.1\r\nHost: ${host}\r\n`,
  ),
  `GET ${STATUS} HTTP/2.0\r\nHost: h\r\n`,
  `GET ${STATUS} HTTP/9\r\nHost: h\r\n`,
  `GET ${STATUS} http/1.1\r\nHost: h\r\n`,
  `GET ${STATUS}\r\nHost: h\r\n`,
  `G@T ${STATUS} HTTP/1.1\r\nHost: h\r\n`,
  'CONNECT h:80 HTTP/1.1\r\nHost: h\r\n',
  `CONNECT ${STATUS} HTTP/1.1\r\nHost: h\r\n`,
  `TRACE ${STATUS} HTTP/1.1\r\nHost: h\r\n`,
  `GET ${STATUS} HTTP/1.1\r\nHost: h\r\nfoo\r\n`,
  `GET ${STATUS} HTTP/1.1\r\nHost: h\r\n${'a: b\r\n'.repeat(499)}`,
  `GET ${STATUS} HTTP/1.1\r\nHost: h\r\n${'a: b\r\n'.repeat(500)}`,
  `${PUT}Expect: miracles\r\nContent-Length: 2\r\n\r\n{}`,
  `${PUT}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}`,
  `${PUT}Expect: 100-continue\r\nContent-Length: 0\r\n`,
  `${PUT}Expect:\r\nContent-Length: 2\r\n\r\n{}`,
  `${PUT}Transfer-Encoding: foo\r\n\r\n{}`,
  `${PUT}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  `${PUT}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  `${PUT}Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nX: y\r\n\r\n`,
  `${PUT}Content-Length: x\r\n\r\n{}`,
  `${PUT}Content-Length: 2\r\nContent-Length: 1\r\n\r\n{}`,
  `${PUT}Content-Length: 20\r\n\r\n{"key":"${'a'.repeat(12)}`,
  `${PUT}Content-Length: 1001\r\n\r\n${'x'.repeat(1_001)}`,
  `GET /ui/ HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n${'x'.repeat(1_001)}`,
  `POST /v1/sys/storage/raft/snapshot HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n${'x'.repeat(1_001)}`,
  // As no client writes them, but Go reads or refuses them in its own way.
  `GET ${STATUS} HTTP/1.2\r\nHost: h\r\n`,
  `GET ${STATUS} HTTP/1.1\nHost: h\n\r\n`,
  `GET ${STATUS} HTTP/0.9\r\nHost: h\r\n`,
  `GET ${STATUS} HTTP/1.10\r\nHost: h\r\n`,
  `GET  ${STATUS}  HTTP/1.1\r\nHost: h\r\n`,
  `GET ${STATUS} HTTP/1.1 \r\nHost: h\r\n`,
  'GARBAGE\r\n',
  `\r\nGET ${STATUS} HTTP/1.1\r\nHost: h\r\n`,
  'PRI * HTTP/2.0\r\n\r\n',
  'PRI * HTTP/2.0\r\na: b\r\n',
  `ABCDEFGHIJ ${STATUS} HTTP/1.1\r\nHost: h\r\n`,
  'GET /v1/\xc3\xa9 HTTP/1.1\r\nHost: h\r\n',
  'GET /v1/\x7f HTTP/1.1\r\nHost: h\r\n',
  ...[
    'a: b\r\n c\r\n',
    'a: b\r\n  \r\n',
    'fo o: x\r\n',
    'foo : x\r\n',
    'a(b): x\r\n',
    ': x\r\n',
    'a: \x01\r\n',
    'a: \xff\r\n',
  ].map((header) => `GET ${STATUS} HTTP/1.1\r\nHost: h\r\n${header}`),
  ...[1, 2].map((times) => `LIST /v1/x HTTP/1.1\r\nHost: h\r\n\r\n`.repeat(times)),
  `POST /v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}\r\nGET ${STATUS} HTTP/1.1\r\nHost: h\r\n\r\n`,
  `GET ${STATUS} HTTP/1.0\r\n`,
  `GET ${STATUS} HTTP/1.0\r\nConnection: keep-alive\r\n`,
  'GET /v1/x HTTP/1.0\r\nConnection: close\r\n',
  'OPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\n',
  'PUT /v1/sys/unseal HTTP/1.0\r\nExpect: x\r\nContent-Length: 2\r\n\r\n{}',
  'PUT /v1/sys/unseal HTTP/1.0\r\nTransfer-Encoding: x\r\nContent-Length: 2\r\n\r\n{}',
  `${PUT}Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}`,
  `${PUT}Transfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  `${PUT}Transfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n0\r\n\r\n`,
  ...['+2', '-1', '', '2, 2', '99999999999999999999', '2\r\nContent-Length: 2'].map(
    (length) => `${PUT}Content-Length: ${length}\r\n\r\n{}`,
  ),
  ...[
    '2\n{}',
    '\r\n',
    ' 2\r\n{}',
    '0x2\r\n',
    'zz\r\n',
    '1\r\n{}\r\n',
    '2;a\rb\r\n',
    'fffffffffffffffff\r\n',
    '0\r\nfoo\r\n\r\n',
  ].map((chunks) => `${PUT}Transfer-Encoding: chunked\r\n\r\n${chunks}`),
];

/** Status and headers, and the body where it is a refusal; a request that goes on waiting ends with the patience. */
function raw(port: number, request: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(request.includes('\r\n\r\n') ? request : `${request}\r\n`, 'latin1'),
    );
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text.replace(/Date: .*? GMT/g, 'Date: now').replace(/\{"type".*/s, '{…}')));
  });
}

const listener = (tls: string): string => `storage "inmem" {}
listener "tcp" {
  address = "127.0.0.1:@P0"
  max_request_size = 1000
  http_read_timeout = "4s"
  http_read_header_timeout = "4s"
  ${tls}
}
api_addr = "http://127.0.0.1:@P0"
ui = true
`;

test(
  'odd requests over HTTP/1',
  async () => {
    const seen = await same(async (server) => {
      await server.configure(listener('tls_disable = true'));
      await server.start();
      const port = server.ports[0]!;
      return Promise.all(REQUESTS.map(async (request) => [request.slice(0, 300), await raw(port, request)]));
    });
    expect(seen.length).toBe(REQUESTS.length);
  },
  WAIT,
);

const STREAMS: readonly (readonly [headers: OutgoingHttpHeaders, body?: string])[] = [
  [{ ':path': STATUS }],
  [{ ':path': STATUS, ':method': 'HEAD' }],
  [{ ':path': '/v1/sys/health', ':method': 'HEAD' }],
  [{ ':path': STATUS, ':method': 'OPTIONS' }],
  [{ ':path': '*', ':method': 'OPTIONS' }],
  [{ ':path': '/' }],
  [{ ':path': '/v1/x', ':method': 'LIST' }],
  [{ ':path': '/v1/x', ':method': 'ANYTHINGATALL' }],
  [{ ':path': 'v1/x' }],
  [{ ':path': '/v1/%zz' }],
  [{ ':path': `${STATUS}#x` }],
  [{ ':path': STATUS, ':authority': 'named.example:1' }],
  [{ ':path': STATUS, origin: 'http://a.b' }],
  [{ ':path': '/v1/sys/unseal', ':method': 'PUT' }, '{"key":"x"}'],
  [{ ':path': '/v1/sys/unseal', ':method': 'PUT' }, '{'],
  [{ ':path': '/v1/sys/unseal', ':method': 'PUT' }, ''],
  [{ ':path': '/v1/sys/unseal', ':method': 'PUT', expect: '100-continue' }, '{}'],
  [{ ':path': '/v1/sys/unseal', ':method': 'PUT' }, 'x'.repeat(1_001)],
  [{ ':path': '/ui/', ':method': 'GET' }, 'x'.repeat(1_001)],
];

test(
  'requests over HTTP/2',
  async () => {
    const seen = await same(async (server) => {
      await server.configure(listener('tls_cert_file = "@DIR/cert.pem"\ntls_key_file = "@DIR/key.pem"'));
      await server.start();
      const session = connectHttp2(`https://127.0.0.1:${server.ports[0]!}`, { rejectUnauthorized: false });
      const rows: unknown[] = [];
      const ask = (headers: OutgoingHttpHeaders, body: string | undefined, complete = true): Promise<unknown[]> =>
        new Promise((resolve) => {
          const said: unknown[] = [];
          let text = '';
          const stream = session.request(headers, { endStream: body === undefined });
          stream.on('continue', () => said.push(100));
          stream.on('response', ({ date, ...rest }) => said.push(typeof date, Object.entries(rest)));
          stream.on('data', (chunk: Buffer) => {
            text += chunk.toString();
          });
          stream.on('error', () => undefined);
          stream.on('close', () => resolve([...said, text.replace(/\{"type".*/s, '{…}'), stream.rstCode]));
          if (body !== undefined && complete) stream.end(body);
          else if (body !== undefined) stream.write(body);
        });
      for (const [headers, body] of STREAMS) rows.push([headers, ...(await ask(headers, body))]);
      rows.push(await ask({ ':path': '/v1/sys/unseal', ':method': 'PUT' }, '{', false));
      const { initialWindowSize, maxFrameSize, maxConcurrentStreams, maxHeaderListSize } = session.remoteSettings;
      rows.push({ initialWindowSize, maxFrameSize, maxConcurrentStreams, maxHeaderListSize });
      session.destroy();
      return rows;
    });
    expect(seen.length).toBe(STREAMS.length + 2);
  },
  WAIT,
);
