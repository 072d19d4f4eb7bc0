import { expect, test } from 'vitest';
import type { JsonObject } from '../codec/json.ts';
import { decodeUtf8 } from '../codec/utf8.ts';
import { MINUTE } from '../runtime.ts';
import { InmemStorage } from '../storage/inmem.ts';
import { defaultConfig } from './default-config.ts';
import { builtinCatalog } from './mounts/builtin.ts';
import { devNode, testNode } from './node.fixture.ts';
import type { Client } from './node.fixture.ts';

const errors = (text: string) => ({ errors: [text] });
const wrapped = (text: string) => errors(`1 error occurred:\n\t* ${text}\n\n`);

async function initialised(): Promise<{ client: Client; keys: readonly string[] }> {
  const client = testNode();
  await client.node.start();
  const made = await client.call('PUT', 'sys/init', { secret_shares: 5, secret_threshold: 3 });
  client.token = made.body['root_token'] as string;
  return { client, keys: made.body['keys'] as string[] };
}

test('a new node is uninitialised, then sealed, then open after three of five shares', async () => {
  const client = testNode();
  await client.node.start();
  expect((await client.call('GET', 'sys/health')).status).toBe(501);
  const made = await client.call('PUT', 'sys/init', { secret_shares: 5, secret_threshold: 3 });
  expect(made.status).toBe(200);
  expect((await client.call('GET', 'sys/health')).status).toBe(503);
  const keys = made.body['keys'] as string[];
  for (const [i, key] of keys.slice(0, 3).entries()) {
    const { body } = await client.call('PUT', 'sys/unseal', { key });
    expect([body['sealed'], body['progress']]).toEqual(i < 2 ? [true, i + 1] : [false, 0]);
  }
  expect((await client.call('GET', 'sys/health')).status).toBe(200);
  expect(client.traced.flatMap((event) => (event.kind === 'node.state' ? [event.state] : []))).toEqual([
    'uninitialised',
    'active',
  ]);
});

test('a sealed node answers nothing but its status', async () => {
  const { client } = await initialised();
  expect(await client.call('GET', 'secret/data/a')).toMatchObject({ status: 503, body: errors('Vault is sealed') });
  expect((await client.call('GET', 'sys/seal-status')).body['sealed']).toBe(true);
});

test('what was written before sealing is there after unsealing', async () => {
  const { client, keys } = await initialised();
  const unseal = async () => {
    for (const key of keys.slice(1, 4)) await client.call('PUT', 'sys/unseal', { key });
  };
  await unseal();
  await client.call('POST', 'sys/mounts/kv', { type: 'kv' });
  await client.call('POST', 'kv/a', { x: 1 });
  expect((await client.call('PUT', 'sys/seal')).status).toBe(204);
  expect((await client.call('GET', 'kv/a')).status).toBe(503);
  await unseal();
  expect((await client.call('GET', 'kv/a')).body['data']).toEqual({ x: 1 });
});

test('a dev node serves a versioned secret at once', async () => {
  const client = await devNode();
  expect((await client.call('PUT', 'secret/data/a', { data: { x: 1 } })).status).toBe(200);
  const { body } = await client.call('GET', 'secret/data/a');
  expect((body['data'] as JsonObject)['data']).toEqual({ x: 1 });
});

test('an unknown token and a token without rights are refused in two different texts', async () => {
  const client = await devNode();
  const made = await client.call('POST', 'auth/token/create', { policies: ['default'] });
  client.token = 's.unknown';
  expect(await client.call('GET', 'secret/data/a')).toMatchObject({ status: 403, body: errors('permission denied') });
  client.token = (made.body['auth'] as JsonObject)['client_token'] as string;
  expect(await client.call('GET', 'secret/data/a')).toMatchObject({ status: 403, body: wrapped('permission denied') });
});

test('existence decides whether a write is a create or an update', async () => {
  const client = await devNode();
  await client.call('PUT', 'sys/policies/acl/once', { policy: 'path "secret/data/*" { capabilities = ["create"] }' });
  const made = await client.call('POST', 'auth/token/create', { policies: ['once'] });
  client.token = (made.body['auth'] as JsonObject)['client_token'] as string;
  expect((await client.call('PUT', 'secret/data/a', { data: {} })).status).toBe(200);
  expect((await client.call('PUT', 'secret/data/a', { data: {} })).status).toBe(403);
});

test('a refused request costs a use, and the last use ends the token', async () => {
  const client = await devNode();
  const made = await client.call('POST', 'auth/token/create', { policies: ['default'], num_uses: 2 });
  client.token = (made.body['auth'] as JsonObject)['client_token'] as string;
  expect((await client.call('GET', 'secret/data/a')).body).toEqual(wrapped('permission denied'));
  expect((await client.call('GET', 'auth/token/lookup-self')).body['data']).toMatchObject({ num_uses: -1 });
  expect((await client.call('GET', 'auth/token/lookup-self')).body).toEqual(errors('permission denied'));
});

test('mounts are enabled, tuned, moved and disabled with upstream texts', async () => {
  const client = await devNode();
  expect((await client.call('POST', 'sys/mounts/kv', { type: 'kv' })).status).toBe(204);
  const again = await client.call('POST', 'sys/mounts/kv/sub', { type: 'kv' });
  expect(again).toMatchObject({ status: 400, body: errors('path is already in use at kv/') });
  const long = await client.call('POST', 'sys/mounts/kv/tune', { default_lease_ttl: '2h', max_lease_ttl: '1h' });
  expect(long.body).toEqual(
    errors('backend max lease TTL of 3600 would be less than backend default lease TTL of 7200'),
  );
  await client.call('POST', 'kv/a', { x: 1 });
  const moved = await client.call('POST', 'sys/remount', { from: 'kv', to: 'moved' });
  expect(moved.status).toBe(200);
  await client.clock.advance(1000);
  expect((await client.call('GET', 'moved/a')).body['data']).toEqual({ x: 1 });
  expect((await client.call('DELETE', 'sys/mounts/moved')).status).toBe(204);
  expect((await client.call('GET', 'moved/a')).body).toEqual(
    errors('no handler for route "moved/a". route entry not found.'),
  );
});

test('moves are logged as they were asked for, in the namespace that asked', async () => {
  const client = await devNode();
  for (const name of ['n', 'o']) await client.call('POST', `sys/namespaces/${name}`, {});
  const inside = { 'x-vault-namespace': 'n' };
  await client.call('POST', 'sys/mounts/kv', { type: 'kv' }, inside);
  await client.call('POST', 'sys/remount', { from: 'kv/none', to: 'kw' }, inside);
  await client.call('POST', 'sys/remount', { from: 'n/kv', to: 'o/kw/' });
  await client.clock.advance(1000);
  const about = client.logged.filter(({ name }) => name === 'core.mounts.migration');
  const shown = about.map(({ message, fields }) => ({ message, ...fields, migration_id: 'id' }));
  const failed = { from_path: 'kv/none', migration_id: 'id', namespace: 'n/', to_path: 'kw' };
  const done = { from_path: 'n/kv', migration_id: 'id', namespace: '', to_path: 'o/kw' };
  expect(shown).toEqual([
    { message: 'Starting to update the mount table and revoke leases', ...failed },
    { message: 'remount failed', ...failed, error: expect.objectContaining({ message: untaken }) },
    { message: 'Starting to update the mount table and revoke leases', ...done },
    { message: 'Updating quotas associated with the source mount', ...done },
    { message: 'Completed mount move operations', ...done },
  ]);
});

const untaken = 'failed to taint entry in mounts table';

test('unmounting leaves nothing of the mount in storage', async () => {
  const client = await devNode();
  await client.call('POST', 'sys/mounts/kv', { type: 'kv' });
  const { uuid } = (await client.call('GET', 'sys/mounts/kv')).body as { uuid: string };
  await client.call('POST', 'kv/a/b', { x: 1 });
  const holding = () => [...client.storage.entries()].filter(([key]) => key.includes(uuid)).length;
  expect(holding()).toBe(2);
  await client.call('DELETE', 'sys/mounts/kv');
  expect(holding()).toBe(0);
});

const auditStanza = { type: 'file', path: 'log', description: '', options: { file_path: '/audit.log' }, local: false };

test('a declared audit device logs each request twice, with values hashed', async () => {
  const client = await devNode({ audit: [auditStanza] });
  await client.call('PUT', 'secret/data/a', { data: { password: 'hunter2' } });
  const log = decodeUtf8((await client.disk.readFile('audit.log'))!);
  const lines = log.split('\n').filter((line) => line.includes('"path":"secret/data/a"'));
  expect(lines.map((line) => /"type":"(\w+)"/.exec(line)?.[1])).toEqual(['request', 'response']);
  expect(log).not.toContain('hunter2');
  expect(lines[0]).toContain('"operation":"create"');
});

test('when no audit device can write, the request fails before it is carried out', async () => {
  const broken = {
    write: () => Promise.reject(new Error('disk full')),
    reopen: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  let works = true;
  const working = { ...broken, write: () => (works ? Promise.resolve() : broken.write()) };
  const client = await devNode({ audit: [auditStanza], openAudit: () => working });
  works = false;
  expect(await client.call('PUT', 'secret/data/a', { data: {} })).toMatchObject({
    status: 500,
    body: errors('internal error'),
  });
  expect((await client.call('GET', 'sys/health')).status).toBe(200);
  works = true;
  expect((await client.call('GET', 'secret/data/a')).status).toBe(404);
});

test('five failed logins lock a user out for fifteen minutes', async () => {
  const client = await devNode();
  await client.call('POST', 'sys/auth/up', { type: 'userpass' });
  await client.call('POST', 'auth/up/users/bob', { password: 'right' });
  const login = (password: string) => client.call('POST', 'auth/up/login/bob', { password });
  for (let i = 0; i < 5; i++) expect((await login('wrong')).status).toBe(400);
  expect(await login('right')).toMatchObject({ status: 403, body: errors('permission denied') });
  await client.clock.advance(15 * MINUTE);
  expect((await login('right')).status).toBe(200);
});

async function story() {
  const client = await devNode();
  const answers: string[] = [];
  answers.push((await client.call('PUT', 'secret/data/a', { data: { x: 1 } })).text);
  answers.push((await client.call('POST', 'auth/token/create', { ttl: '1h' })).text);
  answers.push((await client.call('GET', 'sys/mounts')).text);
  return { answers, stored: [...client.storage.entries()] };
}

test('the same seed gives the same answers and the same storage', async () => {
  expect(await story()).toEqual(await story());
});

test('a node of 2.6 shows policies the names that were sent, and one of 2.7 those that are meant', async () => {
  const { settings } = defaultConfig({ type: 'inmem', storage: new InmemStorage() }, builtinCatalog());
  const asked: number[][] = [];
  for (const resolvesNames of [false, true]) {
    const client = await devNode({ settings: { ...settings, resolvesNames } });
    await client.call('POST', 'sys/auth/approle', { type: 'approle' });
    await client.call('POST', 'auth/approle/role/ABC', {});
    const tokens: string[] = [];
    for (const [policyName, name] of [
      ['low', 'abc'],
      ['high', 'ABC'],
    ]) {
      const policy = `path "auth/approle/role/${name}*" { capabilities = ["read"] }`;
      await client.call('POST', `sys/policies/acl/${policyName}`, { policy });
      const made = await client.call('POST', 'auth/token/create', { policies: [policyName!] });
      tokens.push((made.body['auth'] as JsonObject)['client_token'] as string);
    }
    const statuses: number[] = [];
    for (const token of tokens) {
      client.token = token;
      for (const path of ['ABC', 'ABC/bind-secret-id']) {
        statuses.push((await client.call('GET', `auth/approle/role/${path}`)).status);
      }
    }
    asked.push(statuses);
  }
  expect(asked).toEqual([
    [403, 403, 200, 200],
    [200, 404, 403, 403],
  ]);
});
