import { connect, type ClientHttp2Session, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { request as requestHttps } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../core/codec/utf8.ts';
import type { HttpRequest, HttpResponse } from '../core/http/message.ts';
import { certFolder } from './cert-login.fixture.ts';
import { type HttpListener, listenHttp, type ListenerOptions } from './listener.ts';
import { splitHostPort } from './network.ts';

let listener: HttpListener;
let session: ClientHttp2Session;
const seen: HttpRequest[] = [];

/** `/length` is answered with as many bytes, `/drop` with none, `/follow` piece by piece, `/begun` without an end. */
function respond(request: HttpRequest): HttpResponse | undefined {
  seen.push(request);
  const headers: HttpResponse['headers'] = [
    ['Cache-Control', 'no-store'],
    ['Connection', 'close'],
    ['X-Twice', 'a'],
    ['X-Twice', 'b'],
  ];
  if (request.url === '/drop') return undefined;
  if (request.url === '/204') return { status: 204, headers, body: new Uint8Array() };
  if (request.url === '/begun')
    return { status: 200, headers, body: encodeUtf8('begun\n'), follow: () => () => undefined };
  if (request.url !== '/follow')
    return { status: 200, headers, body: encodeUtf8('x'.repeat(Number(request.url.slice(1)) || 0)) };
  const follow: HttpResponse['follow'] = (write) => {
    const timer = setInterval(() => write('piece\n'), 1);
    return () => clearInterval(timer);
  };
  return { status: 200, headers, body: new Uint8Array(), follow };
}

const listening = (more: Partial<ListenerOptions> = {}): Promise<HttpListener> =>
  listenHttp((request) => Promise.resolve(respond(request)), {
    address: '127.0.0.1:0',
    tls: { certificate: `${certFolder}/server.pem`, key: `${certFolder}/server.key` },
    maxRequestSize: 10,
    readTimeout: 50,
    failed: (error) => {
      throw error;
    },
    ...more,
  });

beforeAll(async () => {
  listener = await listening();
});
afterEach(() => session.destroy());
afterAll(() => listener.close());

interface Answer {
  readonly headers: IncomingHttpHeaders | undefined;
  readonly text: string;
  /** 0: none. */
  readonly reset: number | undefined;
}

/** `body` undefined: the request ends with its headers; a body without an end is never complete. */
function ask(headers: OutgoingHttpHeaders, body?: string, complete = true): Promise<Answer> {
  if (session === undefined || session.destroyed)
    session = connect(`https://${listener.address}`, { rejectUnauthorized: false });
  return new Promise((resolve) => {
    const stream = session.request(headers, { endStream: body === undefined });
    let text = '';
    let answered: IncomingHttpHeaders | undefined;
    stream.on('response', (given) => {
      answered = { ...given };
      delete answered.date;
    });
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.startsWith('piece\npiece\n')) stream.close();
    });
    stream.on('error', () => undefined);
    stream.on('close', () => resolve({ headers: answered, text, reset: stream.rstCode }));
    if (body !== undefined && complete) stream.end(body);
    else if (body !== undefined) stream.write(body);
  });
}

const common = { 'cache-control': 'no-store', 'x-twice': 'a, b' };

describe('HTTP/2, as the real server speaks it', () => {
  test('is agreed on by those who offer it, and HTTP/1.1 with the others', async () => {
    await ask({ ':path': '/1' });
    expect(session.alpnProtocol).toBe('h2');
    expect(session.remoteSettings).toMatchObject({
      initialWindowSize: 1_048_576,
      maxFrameSize: 1_048_576,
      maxConcurrentStreams: 250,
      maxHeaderListSize: 1_048_896,
    });
    const version = await new Promise((resolve) => {
      requestHttps(`https://${listener.address}/1`, { rejectUnauthorized: false }, (answer) => {
        answer.resume();
        resolve(answer.httpVersion);
      }).end();
    });
    expect(version).toBe('1.1');
  });

  test('headers are those it is given, without the connection’s, and the length of short bodies', async () => {
    expect(await ask({ ':path': '/4096' })).toMatchObject({
      headers: { ':status': 200, ...common, 'content-length': '4096' },
      text: 'x'.repeat(4_096),
    });
    const long = await ask({ ':path': '/4097' });
    expect(long.text.length).toBe(4_097);
    expect(long.headers).not.toHaveProperty('content-length');
    expect(long.headers).not.toHaveProperty('connection');
    expect((await ask({ ':path': '/204' })).headers).toEqual(
      expect.not.objectContaining({ 'content-length': expect.anything() as unknown }),
    );
    expect(await ask({ ':path': '/5', ':method': 'HEAD' })).toMatchObject({
      headers: { 'content-length': '5' },
      text: '',
    });
  });

  test('any method comes through, with headers, host and who sent it', async () => {
    seen.length = 0;
    await ask({ ':method': 'LIST', ':path': '/a?b=%20', ':authority': 'named:1', 'x-many': ['1', '2'] });
    await ask({ ':method': 'ANYTHINGATALL', ':path': '/b' }, 'body');
    expect(seen[0]).toMatchObject({
      method: 'LIST',
      url: '/a?b=%20',
      host: 'named:1',
      remote: { address: '127.0.0.1' },
      tls: { clientCertificates: [] },
    });
    expect(seen[0]!.headers.get('x-many')).toEqual(['1', '2']);
    expect([...seen[0]!.headers.keys()].filter((name) => name.startsWith(':'))).toEqual([]);
    expect(seen[1]?.method).toBe('ANYTHINGATALL');
    expect(decodeUtf8(seen[1]!.body)).toBe('body');
  });

  test('no more of a body is handed over than shows that it is too long; snapshots whole', async () => {
    seen.length = 0;
    await ask({ ':method': 'PUT', ':path': '/1' }, 'z'.repeat(30));
    await ask({ ':method': 'POST', ':path': '/v1/sys/storage/raft/snapshot' }, 'z'.repeat(30));
    expect(seen.map(({ body }) => body.length)).toEqual([11, 30]);
  });

  test('what is no target, or has no answer, is reset; the connection goes on', async () => {
    expect((await ask({ ':path': '/%zz' })).reset).toBe(1);
    expect((await ask({ ':path': '/drop' })).reset).toBe(2);
    expect((await ask({ ':path': '*', ':method': 'OPTIONS' })).headers).toEqual(
      expect.objectContaining({ ':status': 200, 'content-length': '0' }),
    );
  });

  test('a body that does not come is waited for as long as is configured', async () => {
    expect(await ask({ ':method': 'PUT', ':path': '/1' }, '{', false)).toMatchObject({
      headers: { ':status': 500, 'content-length': '27' },
      text: '{"errors":["i/o timeout"]}\n',
    });
  });

  test('an answer may go on until the client has enough', async () => {
    expect((await ask({ ':path': '/follow' })).text).toContain('piece\npiece\n');
  });

  test('an answer that is not complete in time is reset, though it has begun', async () => {
    const other = await listening({ writeTimeout: 50 });
    session = connect(`https://${other.address}`, { rejectUnauthorized: false });
    expect(await ask({ ':path': '/begun' })).toMatchObject({ headers: { ':status': 200 }, text: 'begun\n', reset: 2 });
    session.close();
    await other.close();
  });

  test('who speaks HTTP in the clear is told so', async () => {
    const socket = connectPlain(splitHostPort(listener.address));
    socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toBe('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n');
  });

  test('closing the listener ends connections that nobody uses', async () => {
    const other = await listening();
    session = connect(`https://${other.address}`, { rejectUnauthorized: false });
    await ask({ ':path': '/1' });
    const ended = new Promise((resolve) => session.once('close', resolve));
    await other.close();
    await ended;
  });
});
