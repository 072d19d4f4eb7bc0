/** The KMIP seal against PyKMIP, ours and the real server's side by side on one database. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeBase64 } from '../core/codec/base64.ts';
import { SealManager } from '../core/server/seal/manager.ts';
import type { SealWrapper } from '../core/server/seal/wrapper.ts';
import { Barrier } from '../core/storage/barrier/barrier.ts';
import { InmemStorage } from '../core/storage/inmem.ts';
import { hostRuntime, type HostRuntime } from '../host/runtime.ts';
import { hostSeals } from '../host/seal.ts';
import { startPostgres, type Postgres } from './fixtures/postgres.ts';
import { fill, readRows, untilActive, withRealServer, writeRows } from './fixtures/postgres-store.ts';
import { orSkipped } from './interop/side.ts';
import { baoProgram, freePort, startProgram } from './program.ts';
import { startKeyManager, TLS12_CIPHER, type KeyManager } from './pykmip.ts';

let folder = '';
let kmip: KeyManager | undefined;
let postgres: Postgres | undefined;
let bao = '';

beforeAll(
  () =>
    orSkipped(async () => {
      folder = await mkdtemp(join(tmpdir(), 'steamer-kmip-'));
      bao = await baoProgram();
      postgres = await startPostgres();
      kmip = await startKeyManager(folder);
    }),
  // Installing takes its time.
  300_000,
);

afterAll(async () => {
  await kmip?.stop();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** `change` replaces settings; undefined leaves one out. */
function settingsOf(change: Settings): Settings {
  const { endpoint, ca, certificate, key, keys } = kmip!;
  return {
    endpoint,
    kms_key_id: keys.aes,
    ca_cert: ca,
    client_cert: certificate,
    client_key: key,
    tls12_ciphers: TLS12_CIPHER,
    ...change,
  };
}

/** In HCL. */
function block(change: Settings = {}): string {
  const lines = Object.entries(settingsOf(change)).flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name} = "${value}"`],
  );
  return `seal "kmip" {\n${lines.join('\n')}\n}\n`;
}

type Settings = Readonly<Record<string, string | undefined>>;

/** Our seal of that configuration. */
async function ours(change: Settings, runtime: HostRuntime): Promise<SealWrapper> {
  const given = Object.entries(settingsOf(change)).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return (await hostSeals(runtime, [{ type: 'kmip', settings: Object.fromEntries(given) }])).seal!;
}

const withRuntime = async <T>(use: (runtime: HostRuntime) => Promise<T>): Promise<T> => {
  const log = { write: () => undefined };
  const failed = (error: Error): void => {
    throw error;
  };
  const runtime = hostRuntime({ name: 'kmip', folder, log, failed });
  try {
    return await use(runtime);
  } finally {
    await runtime.close();
  }
};

test('what the real server sealed we unseal, and what we sealed it unseals', async (context) => {
  // `orSkipped` has printed why: PyKMIP, PostgreSQL or the real server cannot be had.
  if (kmip === undefined || postgres === undefined) return context.skip();
  const database = await postgres.database('kmip');
  const token = await withRealServer(database, block(), async (call, setToken) => {
    const made = await call('POST', 'sys/init', { recovery_shares: 1, recovery_threshold: 1 });
    setToken(made['root_token'] as string);
    await untilActive(call);
    await fill(call);
    return made['root_token'] as string;
  });
  const storage = new InmemStorage();
  for (const [key, value] of Object.entries(await readRows(database))) await storage.put(key, decodeBase64(value));
  await withRuntime(async (runtime) => {
    const manager = new SealManager(new Barrier(runtime, storage), await ours({}, runtime));
    expect(await manager.tryStoredKeys()).toBe(true);
    // Another root key, sealed by us.
    await manager.rotateRoot();
  });
  await writeRows(database, storage.entries());
  await withRealServer(database, block(), async (call, setToken) => {
    setToken(token);
    await untilActive(call);
    expect(await call('GET', 'sys/seal-status')).toMatchObject({ type: 'kmip', sealed: false, recovery_seal: true });
    expect(await call('GET', 'secret/data/app/db')).toMatchObject({ data: { data: { password: 'fixture-2' } } });
  });
}, 60_000);

/** What the real server says of a configuration before it ends. */
async function real(change: Settings): Promise<string> {
  const port = await freePort();
  const config = join(folder, `${port}.hcl`);
  const listener = `listener "tcp" {\n  address = "127.0.0.1:${port}"\n  tls_disable = true\n}\n`;
  await writeFile(config, `storage "inmem" {}\n${listener}${block(change)}`);
  try {
    await (await startProgram(bao, ['server', `-config=${config}`], port)).stop();
    return 'started';
  } catch (error) {
    return /Error configuring seal "kmip": .*/.exec(String(error))?.[0] ?? String(error);
  }
}

test('both refuse in the same words', async (context) => {
  // `orSkipped` has printed why: PyKMIP, PostgreSQL or the real server cannot be had.
  if (kmip === undefined) return context.skip();
  const { keys, certificate } = kmip;
  const wrong: readonly Settings[] = [
    { kms_key_id: undefined },
    { kms_key_id: '99' },
    { kms_key_id: keys.tripleDes },
    { kms_key_id: keys.rsa, encrypt_alg: 'RSA_OAEP_SHA256' },
    { kms_key_id: keys.rsa },
    { encrypt_alg: 'zz' },
    { timeout: 'zz' },
    { tls12_ciphers: 'zz' },
    { ca_cert: undefined },
    { ca_cert: '/none' },
    { client_cert: '/none' },
    { client_key: undefined },
    { client_key: certificate.replace('client.crt', 'server.key') },
    { server_name: 'other' },
    { endpoint: '127.0.0.1:1' },
    { endpoint: '127.0.0.1' },
    { endpoint: undefined },
  ];
  await withRuntime(async (runtime) => {
    for (const change of wrong) {
      const said = await real(change);
      expect(said).toContain('Error configuring seal');
      await expect(ours(change, runtime), JSON.stringify(change)).rejects.toThrow(said);
    }
  });
}, 120_000);
