import { expect, test } from 'vitest';
import type { Client } from '../node.fixture.ts';
import { devNode } from '../node.fixture.ts';

const quota = (client: Client, name: string, body: Record<string, string | number>) =>
  client.call('POST', `sys/quotas/rate-limit/${name}`, { interval: '60s', ...body });

test('the most specific quota counts: path, longest prefix, mount, everything', async () => {
  const client = await devNode();
  await quota(client, 'all', { rate: 1000 });
  await quota(client, 'mount', { rate: 5, path: 'secret/' });
  await quota(client, 'prefix', { rate: 3, path: 'secret/data/a*' });
  await quota(client, 'path', { rate: 1, path: 'secret/data/ab' });
  const passing = async (path: string): Promise<number> => {
    let count = 0;
    while (count < 20 && (await client.call('GET', path)).status !== 429) count++;
    return count;
  };
  expect(await passing('secret/data/ab')).toBe(1);
  expect(await passing('secret/data/abc')).toBe(3);
  expect(await passing('secret/data/z')).toBe(5);
  expect(await passing('cubbyhole/x')).toBe(20);
});

test('a refusal names the path, comes before authentication, and its headers are shown when asked for', async () => {
  const client = await devNode();
  await client.call('POST', 'sys/quotas/config', { enable_rate_limit_response_headers: true });
  await quota(client, 'q', { rate: 1, path: 'cubbyhole' });
  await client.call('GET', 'cubbyhole/x');
  client.token = '';
  const refused = await client.call('GET', 'cubbyhole/x');
  expect(refused.status).toBe(429);
  expect(refused.text).toBe('{"errors":["request path \\"cubbyhole/x\\": rate limit quota exceeded"]}\n');
});

test('what cannot be a quota is refused with a sentence', async () => {
  const client = await devNode();
  await quota(client, 'one', { rate: 10_000 });
  const refusals: [Record<string, string | number>, string][] = [
    [{}, "'rate' is invalid"],
    [{ rate: 1, path: 'nope/' }, 'invalid mount path "nope/"'],
    [{ rate: 1 }, 'quota rule with similar properties exists under the name "one"'],
    [
      { rate: 1, role: 'x' },
      'Mount path "" is not a valid auth method and therefore unsuitable for use with role-based quotas',
    ],
    [
      { rate: 1, path: 'auth/token/', role: 'x' },
      'Mount path "auth/token/" does not support use with role-based quotas',
    ],
  ];
  for (const [body, text] of refusals) {
    const answer = await quota(client, 'two', body);
    expect([answer.status, answer.body['errors']]).toEqual([400, [text]]);
  }
});

test('a quota follows its mount when it moves and goes when it is unmounted', async () => {
  const client = await devNode();
  await client.call('POST', 'sys/mounts/kvx', { type: 'kv' });
  await quota(client, 'q', { rate: 1000, path: 'kvx/a' });
  await client.call('POST', 'sys/remount', { from: 'kvx', to: 'kvy' });
  await client.clock.advance(1_000_000);
  expect((await client.call('GET', 'sys/quotas/rate-limit/q')).body['data']).toMatchObject({ path: 'kvy/a' });
  await client.call('DELETE', 'sys/mounts/kvy');
  expect((await client.call('GET', 'sys/quotas/rate-limit/q')).status).toBe(404);
});

test('exempt paths are prefixes', async () => {
  const client = await devNode();
  await client.call('POST', 'sys/quotas/config', { rate_limit_exempt_paths: ['secret/data/free', 'sys/*'] });
  await quota(client, 'q', { rate: 1 });
  for (const path of ['secret/data/free', 'secret/data/freeze', 'sys/mounts', 'sys/mounts']) {
    expect((await client.call('GET', path)).status).not.toBe(429);
  }
  await client.call('GET', 'secret/data/other');
  expect((await client.call('GET', 'secret/data/other')).status).toBe(429);
});
