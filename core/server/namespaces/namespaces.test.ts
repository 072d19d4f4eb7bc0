import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { asStrings } from '../../codec/json-fields.ts';
import type { JsonObject } from '../../codec/json.ts';
import type { Client } from '../node.fixture.ts';
import { devNode, testNode } from '../node.fixture.ts';
import { settle } from '../services.fixture.ts';
import { bareId, inNamespace, namespaceIdOf } from './ids.ts';

const oneShare = 'seal "shamir" { shares = 1 threshold = 1 }';

async function made(client: Client, path: string, body: JsonObject = {}): Promise<JsonObject> {
  const answer = await client.call('POST', path, body);
  expect(answer.status).toBe(200);
  return answer.body['data'] as JsonObject;
}

describe('ids', () => {
  const id = fc.stringMatching(/^(?:[sb]\.)?[A-Za-z0-9]{24}$|^auth\/token\/create\/h[0-9a-f]{8}$/);

  property.prop([id, fc.stringMatching(/^[A-Za-z0-9]{6}$/)])(
    'carry their namespace, and give it back',
    (bare, name) => {
      const full = inNamespace(bare, { id: name, uuid: '', path: 'x/' });
      expect([namespaceIdOf(full), bareId(full)]).toEqual([name, bare]);
      expect([namespaceIdOf(bare), bareId(bare)]).toEqual(['', bare]);
    },
  );

  test('of the root namespace stay as they are', () => {
    expect(inNamespace('s.abc', { id: 'root', uuid: '', path: '' })).toBe('s.abc');
  });
});

test('what a namespace stores lies under its own prefix, and nothing is left of it when it is deleted', async () => {
  const client = await devNode();
  const before = await client.storage.list('namespaces/');
  const { uuid } = await made(client, 'sys/namespaces/n1');
  await client.call('POST', 'n1/sys/mounts/kv', { type: 'kv' });
  await client.call('POST', 'n1/kv/a', { value: 'x' });
  await client.call('POST', 'n1/auth/token/create', { ttl: '1h' });
  expect(await client.storage.list('namespaces/')).toEqual([...before, `${uuid as string}/`]);
  expect(await client.storage.list(`namespaces/${uuid as string}/core/`)).toContain('mounts/');

  expect((await client.call('DELETE', 'sys/namespaces/n1')).body['data']).toEqual({ status: 'in-progress' });
  for (let turn = 0; turn < 100; turn++) await settle();
  expect(await client.storage.list('namespaces/')).toEqual(before);
  expect((await client.call('GET', 'n1/kv/a')).status).toBe(404);
});

test('one whose seal cannot be set up leaves nothing, and can be made again', async () => {
  const client = await devNode();
  const before = await client.storage.list('namespaces/');
  const put = client.storage.put.bind(client.storage);
  client.storage.put = (key, value) =>
    key.includes('/core/keyring') ? Promise.reject(new Error('disk full')) : put(key, value);
  expect((await client.call('POST', 'sys/namespaces/n1', { seal: oneShare })).status).toBe(500);
  client.storage.put = put;
  for (let turn = 0; turn < 100; turn++) await settle();
  expect((await client.call('GET', 'sys/namespaces/n1')).status).toBe(404);
  expect(await client.storage.list('namespaces/')).toEqual(before);
  expect(await client.storage.list('core/namespaces/')).toEqual([]);
  await made(client, 'sys/namespaces/n1', { seal: oneShare });
});

test('how long tokens live is up to the root namespace; what another is tuned to is kept, and does nothing', async () => {
  const client = await devNode();
  await made(client, 'sys/namespaces/n1');
  const limits = async (path: string): Promise<unknown> => {
    const { default_lease_ttl, max_lease_ttl } = (await client.call('GET', path)).body['data'] as JsonObject;
    return [default_lease_ttl, max_lease_ttl];
  };
  const tune = (path: string, hours: number): Promise<unknown> =>
    client.call('POST', path, { default_lease_ttl: `${hours}h`, max_lease_ttl: `${hours}h` });
  await tune('n1/sys/auth/token/tune', 100);
  expect(await limits('n1/sys/auth/token/tune')).toEqual([768 * 3600, 768 * 3600]);
  await tune('sys/auth/token/tune', 30);
  expect(await limits('n1/sys/auth/token/tune')).toEqual([30 * 3600, 30 * 3600]);
  expect((await client.call('GET', 'n1/sys/auth/token')).body['data']).toMatchObject({
    config: { default_lease_ttl: 360_000, max_lease_ttl: 360_000 },
  });
});

test('a node that starts on a store knows its namespaces, and has forgotten the keys of sealed ones', async () => {
  const first = testNode();
  const init = await first.call('PUT', 'sys/init', { secret_shares: 1, secret_threshold: 1 });
  const [key] = asStrings(init.body['keys'])!;
  const token = init.body['root_token'] as string;
  await first.call('PUT', 'sys/unseal', { key: key! });
  first.token = token;
  await made(first, 'sys/namespaces/open');
  await first.call('POST', 'open/sys/mounts/kv', { type: 'kv' });
  await first.call('POST', 'open/kv/a', { value: 'x' });
  const sealed = await made(first, 'sys/namespaces/shut', { seal: oneShare });
  const [share] = asStrings(sealed['key_shares'])!;
  await first.call('POST', 'sys/namespaces/shut/unseal', { key: share! });
  await first.call('POST', 'shut/sys/mounts/kv', { type: 'kv' });
  await first.call('POST', 'shut/kv/a', { value: 'y' });
  await first.node.stop();

  const second = testNode({ physical: first.node.config.physical }, 2);
  await second.call('PUT', 'sys/unseal', { key: key! });
  second.token = token;
  expect((await second.call('GET', 'open/kv/a')).body['data']).toEqual({ value: 'x' });
  expect((await second.call('GET', 'shut/kv/a')).status).toBe(503);
  await second.call('POST', 'sys/namespaces/shut/unseal', { key: share! });
  expect((await second.call('GET', 'shut/kv/a')).body['data']).toEqual({ value: 'y' });
});

test('what is encrypted for a sealed namespace does not open with the keys of the one above', async () => {
  const client = await devNode();
  const { uuid, key_shares: shares } = await made(client, 'sys/namespaces/shut', { seal: oneShare });
  await client.call('POST', 'sys/namespaces/shut/unseal', { key: asStrings(shares)![0]! });
  await client.call('PUT', 'shut/sys/policies/acl/p', { policy: 'path "x" { capabilities = ["read"] }' });
  const { barrier } = client.node;
  const prefix = `namespaces/${uuid as string}/`;
  await expect(barrier.get(`${prefix}sys/policy/p`)).rejects.toThrow('decryption failed');
  expect(await barrier.get(`${prefix}core/seal-config`)).toBeDefined();
});

test('a token made from above ends with its parent', async () => {
  const client = await devNode();
  await made(client, 'sys/namespaces/n1');
  const parent = await client.call('POST', 'auth/token/create', { policies: ['root'], ttl: '1h' });
  const { client_token: above } = parent.body['auth'] as JsonObject;
  const root = client.token;
  client.token = above as string;
  const child = await client.call('POST', 'n1/auth/token/create', { ttl: '1h', policies: ['default'] });
  const { client_token: below } = child.body['auth'] as JsonObject;
  client.token = root;
  expect((await client.call('POST', 'n1/auth/token/lookup', { token: below! })).status).toBe(200);
  await client.call('POST', 'auth/token/revoke', { token: above! });
  expect((await client.call('POST', 'n1/auth/token/lookup', { token: below! })).status).toBe(403);
});
