import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../core/codec/utf8.ts';
import { SECOND } from '../core/runtime.ts';
import { proxiesOf } from './proxies.ts';
import { hostWeb, webThrough } from './web.ts';

async function withServer(
  answer: Parameters<typeof createServer>[1],
  use: (address: string) => Promise<void>,
): Promise<void> {
  const server = createServer(answer as never);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('a request carries its method, headers and body, and the answer comes back whole', async () => {
  await withServer(
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.setHeader('X-Two', ['a', 'b']);
        response.statusCode = 403;
        response.end(
          `${request.method} ${request.url} ${String(request.headers['x-one'])} ${Buffer.concat(chunks).toString()}`,
        );
      });
    },
    async (address) => {
      const answer = await hostWeb.request({
        method: 'PUT',
        url: `${address}/v1/a?b=c`,
        headers: { 'X-One': '1' },
        body: encodeUtf8('body'),
        timeout: SECOND,
      });
      expect(answer.status).toBe(403);
      expect(answer.headers.get('x-two')).toEqual(['a', 'b']);
      expect(decodeUtf8(answer.body)).toBe('PUT /v1/a?b=c 1 body');
    },
  );
});

test('what went wrong is said in Go’s words', async () => {
  const ask = (url: string, timeout = SECOND) => hostWeb.request({ method: 'GET', url, headers: {}, timeout });
  await expect(ask('http://127.0.0.1:1/')).rejects.toThrow('dial tcp 127.0.0.1:1: connect: connection refused');
  await withServer(
    () => {},
    async (address) => {
      await expect(ask(address, SECOND / 20)).rejects.toMatchObject({ code: 'timeout' });
      const secure = ask(address.replace('http:', 'https:'));
      await expect(secure).rejects.toThrow('http: server gave HTTP response to HTTPS client');
    },
  );
});

test('a proxy is asked for plain URLs, to let through to others, and its refusals are told as Go tells them', async () => {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end('from the proxy');
  });
  proxy.on('connect', (request, socket) => {
    asked.push(`${request.method} ${request.url}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const web = webThrough(proxiesOf({ HTTP_PROXY: address, HTTPS_PROXY: address }));
  const ask = (url: string, resolver?: string) =>
    web.request({ method: 'GET', url, headers: {}, timeout: SECOND, ...(resolver === undefined ? {} : { resolver }) });
  expect(decodeUtf8((await ask('http://idp.test/a?b')).body)).toBe('from the proxy');
  await expect(ask('https://idp.test:8443/a')).rejects.toThrow(/^Bad Gateway$/);
  await expect(ask('http://127.0.0.1:1/')).rejects.toThrow('connection refused');
  await expect(ask('http://idp.test/', '127.0.0.1:1')).rejects.toThrow('lookup idp.test');
  expect(asked).toEqual(['GET http://idp.test/a?b', 'CONNECT idp.test:8443']);
  proxy.closeAllConnections();
  proxy.close();
});
