import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseConfiguration } from '../core/server/configuration/configuration.ts';
import { hostLog } from './log.ts';
import { startServer } from './server.ts';
import type { RunningServer, ServerOptions } from './server.ts';

let folder: string;
let server: RunningServer | undefined;
const log = hostLog({ level: 'error', format: 'standard', print: () => undefined, now: Date.now });

const failed = (error: unknown): void => {
  throw error;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steamer-server-'));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function start(hcl: string, dev?: ServerOptions['dev']): Promise<RunningServer> {
  const { configuration } = parseConfiguration(
    `${hcl}\nlistener "tcp" { address = "127.0.0.1:0" tls_disable = true }`,
    '',
  );
  server = await startServer({ configuration, log, failed, ...(dev === undefined ? {} : { dev }) });
  return server;
}

async function call(method: string, path: string, body?: unknown, token = 'root'): Promise<Record<string, unknown>> {
  const response = await fetch(`http://${server!.listeners[0]!.address}/v1/${path}`, {
    method,
    headers: { 'X-Vault-Token': token, Connection: 'close' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, ...(text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)) };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

test('a dev server keeps a secret', async () => {
  const { devKeys } = await start('storage "inmem" {}', { rootToken: 'root', kvVersion: 2 });
  expect(devKeys).toMatchObject({ rootToken: 'root' });
  expect(await call('PUT', 'secret/data/a', { data: { x: '1' } })).toMatchObject({ status: 200, data: { version: 1 } });
  expect(await call('GET', 'secret/data/a')).toMatchObject({ data: { data: { x: '1' } } });
  expect(await call('LIST', 'secret/metadata')).toMatchObject({ data: { keys: ['a'] } });
});

/** Held against the real server. */
test.each([
  ['', false],
  ['false', true],
])('with BAO_DISABLE_LOCAL_AUTH_MOUNT_ENTITIES=%s logins at local mounts have no entity: %s', async (word, none) => {
  vi.stubEnv('BAO_DISABLE_LOCAL_AUTH_MOUNT_ENTITIES', word);
  try {
    await start('storage "inmem" {}', { rootToken: 'root', kvVersion: 0 });
    const entityAt = async (path: string, local: boolean) => {
      await call('POST', `sys/auth/${path}`, { type: 'userpass', local });
      await call('POST', `auth/${path}/users/u`, { password: 'p' });
      const { auth } = await call('POST', `auth/${path}/login/u`, { password: 'p' });
      return (auth as { entity_id: string }).entity_id;
    };
    expect((await entityAt('here', true)) === '').toBe(none);
    expect(await entityAt('everywhere', false)).not.toBe('');
  } finally {
    vi.unstubAllEnvs();
  }
});

test.each(['file', 'raft'])(
  'what %s storage holds is there after a restart',
  async (type) => {
    const cluster =
      type === 'raft' ? `cluster_addr = "https://127.0.0.1:${await freePort()}"\napi_addr = "http://127.0.0.1:1"` : '';
    const hcl = `storage "${type}" { path = "${folder}" node_id = "a" performance_multiplier = 1 }\n${cluster}`;
    await start(hcl);
    const made = await call('PUT', 'sys/init', { secret_shares: 1, secret_threshold: 1 });
    const key = (made['keys'] as string[])[0];
    const token = String(made['root_token']);
    const active = async () => {
      await call('PUT', 'sys/unseal', { key });
      await expect.poll(async () => (await call('GET', 'sys/health'))['standby'], { timeout: 10_000 }).toBe(false);
    };
    await active();
    expect(await call('PUT', 'cubbyhole/a', { x: 1 }, token)).toEqual({ status: 204 });
    await server!.stop();
    await start(hcl);
    expect(await call('GET', 'cubbyhole/a', undefined, token)).toEqual({ status: 503, errors: ['Vault is sealed'] });
    await active();
    expect(await call('GET', 'cubbyhole/a', undefined, token)).toMatchObject({ data: { x: 1 } });
  },
  20_000,
);

test.each([
  ['', 'a storage backend must be specified'],
  ['storage "nope" {}', 'unknown storage type nope'],
  ['storage "raft" { path = "/x" }', 'cluster address must be set when using raft storage'],
])('%j does not start', async (hcl, message) => {
  await expect(start(hcl)).rejects.toThrow(message);
});
