import { expect, test } from 'vitest';
import { MINUTE } from '../runtime.ts';
import type { AuditDevice } from './audit/device.ts';
import { devNode } from './node.fixture.ts';
import type { Client } from './node.fixture.ts';
import { defaultConfig } from './default-config.ts';
import { builtinCatalog } from './mounts/builtin.ts';
import { InmemStorage } from '../storage/inmem.ts';
import { FakeClock } from '../framework/testing.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { measurePostgres } from './measured.ts';

/** The value of one line of the Prometheus form; labels are ignored, the last of several wins. */
async function metric(client: Client, name: string): Promise<string | undefined> {
  const { text } = await client.call('GET', 'sys/metrics?format=prometheus');
  const line = text.split('\n').findLast((each) => each.startsWith(`${name} `) || each.startsWith(`${name}{`));
  return line?.slice(line.lastIndexOf(' ') + 1);
}

const { options } = defaultConfig({ type: 'inmem', storage: new InmemStorage() }, builtinCatalog());

test('requests, storage and leases show in the metrics', async () => {
  const client = await devNode();
  await client.call('POST', 'secret/data/x', { data: { a: 1 } });
  await client.call('GET', 'secret/data/x');
  await client.call('POST', 'auth/token/create', { ttl: '1h', policies: ['default'] });
  expect(await metric(client, 'vault_route_read_secret__count')).toBe('1');
  expect(Number(await metric(client, 'vault_barrier_put_count'))).toBeGreaterThan(5);
  expect(await metric(client, 'vault_expire_num_leases')).toBe('1');
  expect(await metric(client, 'vault_core_active')).toBe('1');
  const { text } = await client.call('GET', 'sys/metrics?format=prometheus');
  expect(text).toMatch(
    /vault_token_creation\{auth_method="token",cluster="[^"]+",creation_ttl="1h",mount_point="auth\/token\/"/,
  );
});

test('the root token whose id was chosen is a token made, too', async () => {
  const client = await devNode();
  expect(await metric(client, 'vault_token_creation')).toBe('1');
  const { text } = await client.call('GET', 'sys/metrics?format=prometheus');
  expect(text).toMatch(/vault_token_creation\{.*creation_ttl="1m",.*token_type="service"\} 1/);
});

test('usage is counted after ten minutes, as upstream does', async () => {
  const client = await devNode();
  expect(await metric(client, 'vault_token_count')).toBeUndefined();
  await client.clock.advance(10 * MINUTE);
  expect(await metric(client, 'vault_token_count')).toBe('1');
});

test('usage is told by namespace, and what ends together in all of them as one', async () => {
  const client = await devNode();
  await client.call('POST', 'sys/namespaces/team', {});
  const within = { 'x-vault-namespace': 'team' };
  for (const headers of [{}, within]) {
    await client.call('POST', 'auth/token/create', { ttl: '2h', policies: ['default'] }, headers);
    await client.call('POST', 'identity/entity', { name: 'somebody' }, headers);
  }
  await client.call('POST', 'secret/data/a/b', { data: {} });
  await client.clock.advance(10 * MINUTE);
  const { text } = await client.call('GET', 'sys/metrics?format=prometheus');
  const values = (name: string): string[] =>
    text.split('\n').flatMap((line) => {
      const found = new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`).exec(line);
      return found === null ? [] : [`${found[1]?.replace(/cluster="[^"]*",?/, '') ?? ''} ${found[2]}`.trim()];
    });
  expect(values('vault_token_count_by_policy').sort()).toEqual([
    'namespace="root",policy="default" 1',
    'namespace="root",policy="root" 1',
    'namespace="team",policy="default" 1',
  ]);
  expect(values('vault_identity_entity_count')).toEqual(['namespace="root" 1', 'namespace="team" 1']);
  expect(values('vault_identity_num_entities')).toEqual(['2']);
  expect(values('vault_secret_kv_count')).toEqual(['mount_point="secret/",namespace="root" 1']);
  expect(values('vault_expire_leases_by_expiration')).toEqual([expect.stringMatching(/^expiring=".*" 2$/)]);
});

test('an audit device that fails is counted, and metrics are still read where no token is asked for', async () => {
  let broken = false;
  const device: AuditDevice = {
    write: () => (broken ? Promise.reject(new Error('disk full')) : Promise.resolve()),
    reopen: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const client = await devNode({
    audit: [{ type: 'file', path: 'f', description: '', options: { file_path: 'x' }, local: false }],
    openAudit: () => device,
    options: { ...options, unauthenticatedMetrics: true },
  });
  broken = true;
  expect((await client.call('GET', 'secret/data/x')).status).toBe(500);
  client.token = '';
  expect(Number(await metric(client, 'vault_audit_log_request_failure'))).toBe(1);
});

test('a sealed node says so, and methods other than GET are none', async () => {
  const client = await devNode({ options: { ...options, unauthenticatedMetrics: true } });
  await client.call('POST', 'sys/seal');
  expect(await metric(client, 'vault_core_unsealed')).toBe('0');
  expect((await client.call('POST', 'sys/metrics', {})).status).toBe(405);
});

test('a PostgreSQL is measured under its own names, but not pages of its lists', async () => {
  const metrics = new Metrics(new FakeClock(0));
  const storage = new InmemStorage();
  measurePostgres(storage, metrics);
  await storage.put('a', Uint8Array.of(1));
  await storage.get('a');
  await storage.list('', { after: '', limit: 1 });
  await storage.delete('a');
  const names = () => [...metrics.samples()].map(({ name }) => name);
  expect(names()).toEqual(['vault.postgres.put', 'vault.postgres.get', 'vault.postgres.delete']);
  await storage.list('');
  expect(names()).toContain('vault.postgres.list');
});
