import { expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import { parseObject, print } from '../codec/json.ts';
import { devNode } from '../server/node.fixture.ts';
import { createHttpHandler } from './handler.ts';

test('a rekey looks at what it is given before it tells how things stand', async () => {
  const { node } = await devNode();
  const handler = createHttpHandler(node, { ...node.options, unauthenticatedRekey: true });
  const ask = async (path: string, body: Record<string, string | number | boolean>) => {
    const response = await handler({
      method: 'PUT',
      url: `/v1/sys/rekey/${path}`,
      headers: new Map(),
      body: encodeUtf8(print(body)),
      remote: { address: '127.0.0.1', port: 50_000 },
      host: '127.0.0.1:8200',
    });
    const text = decodeUtf8(response?.body ?? new Uint8Array(0));
    return [response?.status, parseObject(text)['errors']];
  };
  const short = [400, ['key is shorter than minimum 16 bytes']];
  expect(await ask('update', { key: 'AAAA', nonce: 'x' })).toEqual(short);
  expect(await ask('verify', { key: 'AAAA', nonce: 'x' })).toEqual(short);
  const key = '00'.repeat(32);
  expect(await ask('update', { key, nonce: 'x' })).toEqual([400, ['no barrier rekey in progress']]);
  await ask('init', { secret_shares: 1, secret_threshold: 1, require_verification: true });
  const wrong = [500, ['invalid rekey seal configuration: shares must be at least one']];
  expect(await ask('init', { secret_shares: 0 })).toEqual(wrong);
  const busy = [400, ['rekey already in progress']];
  expect(await ask('init', { secret_shares: 1, secret_threshold: 1 })).toEqual(busy);
  expect(await ask('verify', { key, nonce: 'x' })).toEqual([400, ['no rekey verification in progress']]);
});
