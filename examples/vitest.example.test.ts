/** How an application's test gets an OpenBao of its own. */
import { expect } from 'vitest';
import { test } from 'bao-steamer/vitest';

/** The code under test: all it knows is an address and a token. */
async function databasePassword(address: string, token: string): Promise<string> {
  const response = await fetch(`${address}/v1/secret/data/database`, { headers: { 'X-Vault-Token': token } });
  if (!response.ok) throw new Error(`OpenBao answered ${response.status}`);
  const { data } = (await response.json()) as { data: { data: { password: string } } };
  return data.data.password;
}

test('the application reads its password with no more than it needs', async ({ bao }) => {
  await bao.request('PUT', 'secret/data/database', { data: { password: 's3cr3t' } });
  await bao.request('PUT', 'sys/policies/acl/app', {
    policy: 'path "secret/data/database" { capabilities = ["read"] }',
  });
  const made = await bao.request<{ auth: { client_token: string } }>('POST', 'auth/token/create', {
    policies: ['app'],
  });

  expect(await databasePassword(bao.address, made.body!.auth.client_token)).toBe('s3cr3t');
});

test('the application says so when it may not read', async ({ bao }) => {
  const made = await bao.request<{ auth: { client_token: string } }>('POST', 'auth/token/create', {
    policies: ['default'],
  });

  await expect(databasePassword(bao.address, made.body!.auth.client_token)).rejects.toThrow('OpenBao answered 403');
});
