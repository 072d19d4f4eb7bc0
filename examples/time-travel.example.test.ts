/** Whether an application renews its token in time: the test lets the hours pass. */
import { expect } from 'vitest';
import { test } from 'bao-steamer/vitest';

/** The code under test: renews when less than a third is left. */
async function keepAlive(address: string, token: string): Promise<'renewed' | 'fresh' | 'lost'> {
  const headers = { 'X-Vault-Token': token };
  const looked = await fetch(`${address}/v1/auth/token/lookup-self`, { headers });
  if (!looked.ok) return 'lost';
  const { data } = (await looked.json()) as { data: { ttl: number; creation_ttl: number } };
  if (data.ttl * 3 > data.creation_ttl) return 'fresh';
  const renewed = await fetch(`${address}/v1/auth/token/renew-self`, { method: 'POST', headers });
  return renewed.ok ? 'renewed' : 'lost';
}

test('the application renews its token before it runs out, and not too early', async ({ bao }) => {
  const made = await bao.request<{ auth: { client_token: string } }>('POST', 'auth/token/create', {
    policies: ['default'],
    ttl: '3h',
    no_parent: true,
  });
  const token = made.body!.auth.client_token;

  await bao.advance('1h');
  expect(await keepAlive(bao.address, token)).toBe('fresh');
  await bao.advance('90m');
  expect(await keepAlive(bao.address, token)).toBe('renewed');
  await bao.advance('2h');
  expect(await keepAlive(bao.address, token)).toBe('renewed');
  await bao.advance('4h');
  expect(await keepAlive(bao.address, token)).toBe('lost');
});
