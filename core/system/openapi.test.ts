import { expect, test } from 'vitest';
import { devNode } from '../server/node.fixture.ts';

test('the API is described to nobody, but not to a token that there is not', async () => {
  const client = await devNode();
  for (const [token, status] of [
    ['', 200],
    ['root', 200],
    ['s.none', 403],
  ] as const) {
    client.token = token;
    expect((await client.call('GET', 'sys/internal/specs/openapi')).status).toBe(status);
  }
});
