import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { nodePump } from '../host/pump.ts';
import { portableCrypto } from '../core/crypto/portable.ts';
import { encodeUtf8 } from '../core/codec/utf8.ts';
import type { HttpHandler, HttpResponse } from '../core/http/message.ts';
import { MILLISECOND, type Runtime, SECOND } from '../core/runtime.ts';
import { at, type ClientOptions, GO_CLIENT, HttpClient, jsonOf, NoAnswer } from './client.ts';
import { serveHttp } from './network/http-server.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from './network/http-wire.ts';
import { Bench } from './testing.ts';

const crypto = portableCrypto();
const answer = (status: number, body = '{}', headers: HttpResponse['headers'] = []): HttpResponse => ({
  status,
  headers,
  body: encodeUtf8(body),
});

/** Runs `body` with a client against servers n1 and n2 that `handlers` make. */
async function against(
  handlers: ((runtime: Runtime) => HttpHandler)[],
  options: ClientOptions,
  body: (client: HttpClient, runtime: Runtime, bench: Bench) => Promise<void>,
): Promise<void> {
  const bench = new Bench(crypto);
  for (const [index, handler] of handlers.entries()) {
    bench.run(`n${index + 1}`, (runtime) => void serveHttp(runtime, `n${index + 1}:8200`, handler(runtime)));
  }
  let ended = false;
  bench.run('c1', async (runtime) => {
    await body(new HttpClient(runtime, options), runtime, bench);
    ended = true;
  });
  await nodePump(bench.world, () => ended || bench.world.crashes.length > 0);
  expect(bench.world.crashes).toEqual([]);
  expect(ended).toBe(true);
}

const token = fc.stringMatching(/^[A-Za-z0-9-]{1,12}$/);
const headers = fc.array(fc.tuple(token, fc.stringMatching(/^[!-~]{0,20}$/)), { maxLength: 5 });

test.prop([token, token, headers, fc.uint8Array()])(
  'a request reads back as it was written',
  (method, path, rows, body) => {
    const read = decodeRequest(encodeRequest({ method, url: `/${path}?a=b`, host: 'n1:1', headers: rows, body }));
    expect(read).toMatchObject({ method, url: `/${path}?a=b` });
    expect(read.headers.get('host')?.[0]).toBe('n1:1');
    for (const [name, value] of rows) expect(read.headers.get(name.toLowerCase())).toContain(value);
    expect([...read.body]).toEqual([...body]);
  },
);

test.prop([fc.integer({ min: 100, max: 599 }), headers, fc.uint8Array()])(
  'a response reads back as it was written',
  (status, rows, body) => {
    const read = decodeResponse(encodeResponse({ status, headers: rows, body }, 'Mon, 01 Jun 2026 00:00:00 GMT'));
    expect(read.status).toBe(status);
    for (const [name, value] of rows) expect(read.headers.get(name.toLowerCase())).toContain(value);
    expect([...read.body]).toEqual([...body]);
  },
);

const standby =
  (): HttpHandler =>
  ({ url }) =>
    Promise.resolve(answer(307, '', [['Location', `http://n2:8200${url}`]]));
const active =
  (): HttpHandler =>
  ({ url, method }) =>
    Promise.resolve(answer(200, `{"at":"${method} ${url}"}`));

describe('a client', () => {
  test('sends its token and its body, and reuses its connection', async () => {
    const ports = new Set<number>();
    const server = (): HttpHandler => (request) => {
      ports.add(request.remote.port);
      expect(request.remote.address).toBe('c1');
      expect(request.headers.get('x-vault-token')).toEqual(['root']);
      return Promise.resolve(answer(200, `{"data":{"n":${request.body.length}}}`));
    };
    await against([server], { token: 'root' }, async (client) => {
      for (let i = 0; i < 5; i++) {
        const got = await client.request('n1:8200', 'PUT', '/v1/x', { body: { a: 1 } });
        expect(at(jsonOf(got), 'data', 'n')).toBe(7);
      }
      expect(ports.size).toBe(1);
    });
  });

  test('gives up in time, and takes a new connection afterwards', async () => {
    let requests = 0;
    const server =
      ({ clock }: Runtime): HttpHandler =>
      async () => {
        if (++requests === 1) await clock.sleep(10 * SECOND);
        return answer(200);
      };
    await against([server], { timeout: SECOND }, async (client, { clock }) => {
      const error: unknown = await client.request('n1:8200', 'GET', '/').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(NoAnswer);
      expect((error as NoAnswer).sent).toBe(true);
      expect(Math.floor(clock.monotonic() / MILLISECOND)).toBe(1000);
      expect((await client.request('n1:8200', 'GET', '/')).status).toBe(200);
    });
  });

  test('knows that a refused request was never sent, and that one cut off may have been', async () => {
    await against([() => () => Promise.resolve(undefined)], {}, async (client) => {
      const cut = await client.request('n1:8200', 'GET', '/').catch((thrown: unknown) => thrown as NoAnswer);
      expect(cut).toMatchObject({ sent: true, message: 'EOF' });
      const refused = await client.request('n1:1', 'GET', '/').catch((thrown: unknown) => thrown as NoAnswer);
      expect(refused).toMatchObject({ sent: false, message: 'dial tcp n1:1: connect: connection refused' });
    });
  });

  test('follows one redirect', async () => {
    await against([standby, active], {}, async (client) => {
      expect(jsonOf(await client.request('n1:8200', 'POST', '/v1/a?b=c'))).toEqual({ at: 'POST /v1/a?b=c' });
    });
  });

  test('tries again as the Go client does: twice, after 5xx, 412 and 429, and between 1 and 1.5 s later', async () => {
    const statuses = [500, 429, 200, 404, 501, 503, 503, 503];
    const server = (): HttpHandler => () => Promise.resolve(answer(statuses.shift()!));
    await against([server], { retry: GO_CLIENT }, async (client, { clock }) => {
      expect((await client.request('n1:8200', 'GET', '/')).status).toBe(200);
      expect(clock.monotonic()).toBeGreaterThan(2 * SECOND);
      expect(clock.monotonic()).toBeLessThan(3.01 * SECOND);
      expect((await client.request('n1:8200', 'GET', '/')).status).toBe(404);
      expect((await client.request('n1:8200', 'GET', '/')).status).toBe(501);
      expect((await client.request('n1:8200', 'GET', '/')).status).toBe(503);
      expect(statuses).toEqual([]);
    });
  });

  test('notices between two requests that its connection is gone', async () => {
    await against([() => () => Promise.resolve(answer(200))], {}, async (client, { clock }, bench) => {
      await client.request('n1:8200', 'GET', '/');
      bench.network.resetConnections('n1', 'c1');
      await clock.sleep(MILLISECOND);
      expect((await client.request('n1:8200', 'GET', '/')).status).toBe(200);
      client.close();
      await clock.sleep(MILLISECOND);
      expect(bench.network.host('c1')!.endpoints.size).toBe(0);
    });
  });
});

test('a handler that rejects ends its node', async () => {
  const bench = new Bench(crypto);
  bench.run('n1', (runtime) => void serveHttp(runtime, 'n1:1', () => Promise.reject(new Error('bug'))));
  bench.run('c1', async (runtime) => {
    await new HttpClient(runtime, { timeout: SECOND }).request('n1:1', 'GET', '/').catch(() => {});
  });
  await nodePump(bench.world, () => false);
  expect(bench.world.crashes.map(({ process }) => process.name)).toEqual(['n1']);
});
