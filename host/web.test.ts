import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../core/codec/utf8.ts';
import { SECOND } from '../core/runtime.ts';
import { hostWeb } from './web.ts';

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
