import { expect, test } from 'vitest';
import { nodePump } from '../../host/pump.ts';
import { decodeUtf8, encodeUtf8 } from '../../core/codec/utf8.ts';
import { portableCrypto } from '../../core/crypto/portable.ts';
import { SECOND } from '../../core/runtime.ts';
import type { OutgoingRequest } from '../../core/runtime.ts';
import { serveHttp } from './http-server.ts';
import { Bench } from '../testing.ts';

async function asked(request: Partial<OutgoingRequest>): Promise<string> {
  const bench = new Bench(portableCrypto(), '1', {});
  bench.run('kms', (runtime) => {
    serveHttp(runtime, 'kms:8200', ({ method, url, body }) =>
      url === '/silent'
        ? new Promise(() => {})
        : Promise.resolve({ status: 200, headers: [], body: encodeUtf8(`${method} ${url} ${decodeUtf8(body)}`) }),
    );
  });
  let said = '';
  bench.run('n1', async ({ web, clock }) => {
    await clock.sleep(SECOND);
    const whole = { method: 'GET', url: 'http://kms:8200/a?b', headers: {}, timeout: SECOND, ...request };
    said = await web.request(whole).then(({ body }) => decodeUtf8(body), String);
  });
  await nodePump(bench.world, () => said !== '' || bench.world.now > 10 * SECOND);
  return said;
}

test('a program reaches another machine’s HTTP server by its URL', async () => {
  expect(await asked({ method: 'PUT', body: encodeUtf8('c') })).toBe('PUT /a?b c');
});

test('a machine without a server refuses, and one that keeps silent is given up in time', async () => {
  expect(await asked({ url: 'http://kms:1/' })).toContain('connection refused');
  expect(await asked({ url: 'http://kms:8200/silent' })).toContain('context deadline exceeded');
});
