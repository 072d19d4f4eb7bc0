import { describe, expect, test } from 'vitest';
import { decodeHex, encodeHex } from '../../codec/hex.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { TestMount } from '../../framework/testing.ts';
import { InmemStorage } from '../../storage/inmem.ts';
import type { Storage } from '../../storage/storage.ts';
import { createKv } from './kv.ts';
import { decodeMetadata, decodeVersion, encodeMetadata, encodeVersion } from './messages.ts';

// All of one mount of a real 2.7.2 server, as it lies behind the barrier.
const ROOT = '55fe42c0-4f98-4ec9-6248-7a13c90bb056/';
const METADATA =
  'metadata/5kKPvi05CeBvFIzomHyHZF5a8l6UDpfcCubdxjiG9nmpRlIqiSROePgupTJRBb/5kKGNrLzsEo4cLfo20653L3RY5eYemeveFIoXVJFagLTezkv2o3OdmNEZRTeax';
const VERSION = 'versions/4af/6b6814af47bd3d250fcbe823e00f1e782d6ca6426cf5394d104ec8e035336';
const HEX: Readonly<Record<string, string>> = {
  config: '08051a0b08ffffffffffffffffff01',
  upgrading: '0a0c08ddee8ed80610c3bc8d98011001',
  [METADATA]:
    '0a07666f6f2f62617212200801121c0a0c08ddee8ed806109fc2d3ab02120c08ddee8ed80610f38a87ac0218012a0c08ddee8ed80610d2cf8dab02320c08ddee8ed806109fc2d3ab02380740014a0308a03852060a0161120162801901881901',
  [VERSION]:
    '0a327b226e223a312e352c226f223a7b2261223a6e756c6c2c2262223a317d2c2278223a225c7530303363795c7530303365227d120c08ddee8ed806109fc2d3ab02',
};
const POLICY =
  '{"name":"metadata","keys":{"1":{"key":"MK4lhDx/UrexeTgfGTixpmTH3b/XQRKbi0AF4/bRwzU=","hmac_key":"n5YvstUeaC/TJVDmX5xUQSHE8LMJJno6qtACvgbA/04=","time":"2026-11-23T03:47:41.319266035Z","ec_x":null,"ec_y":null,"ec_d":null,"rsa_key":null,"rsa_public_key":null,"public_key":"","convergent_version":3,"creation_time":1795405661,"certificate_chain":null,"external_key_ref":""}},"derived":true,"kdf":1,"convergent_encryption":true,"exportable":false,"min_decryption_version":1,"min_encryption_version":0,"latest_version":1,"archive_version":1,"archive_min_version":0,"min_available_version":0,"deletion_allowed":false,"convergent_version":-1,"type":0,"backup_info":null,"restore_info":null,"allow_plaintext_backup":false,"version_template":"{{version}}:","storage_prefix":"55fe42c0-4f98-4ec9-6248-7a13c90bb056/","auto_rotate_period":0,"Imported":false,"AllowImportedKeyRotation":false,"soft_deleted":false}';

async function realStore(): Promise<Storage> {
  const storage = new InmemStorage();
  for (const [name, hex] of Object.entries(HEX)) await storage.put(ROOT + name, decodeHex(hex));
  await storage.put(`${ROOT}salt`, encodeUtf8('d6d6f8cd-9c0e-64b1-95e6-e7ec9f0bf5a2'));
  await storage.put(`${ROOT}policy/metadata`, encodeUtf8(POLICY));
  return storage;
}

async function mountedOn(storage: Storage): Promise<TestMount> {
  const mount = new TestMount((context) => createKv({ ...context, backendUuid: ROOT.slice(0, -1) }), {
    storage,
    options: { version: '2' },
  });
  await mount.backend.initialize!();
  await mount.settle();
  return mount;
}

async function allKeys(storage: Storage, folder = ''): Promise<string[]> {
  const keys: string[] = [];
  for (const name of await storage.list(folder)) {
    if (name.endsWith('/')) keys.push(...(await allKeys(storage, folder + name)));
    else keys.push(folder + name);
  }
  return keys;
}

const shape = (text: string): string => text.replace(/"(key|hmac_key|time)":"[^"]*"|"creation_time":\d+/g, '');

describe('what KV version 2 stores', () => {
  test('is read from a real server’s store, names, salt and all', async () => {
    const mount = await mountedOn(await realStore());
    expect((await mount.list('metadata')).data).toEqual({ keys: ['foo/'] });
    expect((await mount.list('metadata/foo')).data).toEqual({ keys: ['bar'] });
    expect((await mount.read('config')).data).toMatchObject({ max_versions: 5, delete_version_after: '-1s' });
    expect((await mount.read('metadata/foo/bar')).data).toMatchObject({
      cas_required: true,
      created_time: '2026-11-23T03:47:41.627271634Z',
      current_version: 1,
      custom_metadata: { a: 'b' },
      delete_version_after: '2h0m0s',
      versions: { '1': { deletion_time: '2026-11-23T03:47:41.629261683Z' } },
    });
    await mount.write('undelete/foo/bar', { versions: [1] });
    expect((await mount.read('data/foo/bar')).data).toMatchObject({ data: { n: 1.5, o: { a: null, b: 1 }, x: '<y>' } });
  });

  test('encodes back to the same bytes', () => {
    expect(encodeHex(encodeMetadata(decodeMetadata(decodeHex(HEX[METADATA]!))))).toBe(HEX[METADATA]);
    expect(encodeHex(encodeVersion(decodeVersion(decodeHex(HEX[VERSION]!))))).toBe(HEX[VERSION]);
  });

  test('goes to the places where a real server would look', async () => {
    const storage = await realStore();
    await storage.delete(ROOT + METADATA);
    await storage.delete(ROOT + VERSION);
    const mount = await mountedOn(storage);
    await mount.write('data/foo/bar', { data: {} });
    expect(await storage.get(ROOT + METADATA)).toBeDefined();
    expect(await storage.get(ROOT + VERSION)).toBeDefined();
  });

  test('begins with a key, its archive and the upgrade marker', async () => {
    const storage = new InmemStorage();
    await mountedOn(storage);
    const at = ['archive/metadata', 'policy/metadata', 'upgrading'].map((name) => ROOT + name);
    expect(await allKeys(storage)).toEqual(at);
    const policy = decodeUtf8((await storage.get(at[1]!))!);
    expect(shape(policy)).toBe(shape(POLICY));
  });
});

describe('an upgrade from version 1', () => {
  const upgrading =
    'Upgrading from non-versioned to versioned data. This backend will be unavailable for a brief period and will resume service shortly.';

  test('makes every secret version 1 of a key, and refuses requests meanwhile', async () => {
    const storage = new InmemStorage();
    const plain = new TestMount(createKv, { storage });
    for (const path of ['a', 'b/c', 'b/d/e']) await plain.write(path, { path });
    const mount = new TestMount((context) => createKv({ ...context, backendUuid: ROOT.slice(0, -1) }), {
      storage: slow(storage),
      options: { version: '2' },
    });
    await mount.backend.initialize!();
    const early = mount.read('data/a');
    mount.clock.advance(20_000);
    expect(await early).toEqual({ status: 400, errors: [upgrading] });
    await mount.settle();
    expect((await mount.read('data/b/d/e')).data).toMatchObject({ data: { path: 'b/d/e' }, metadata: { version: 1 } });
    expect((await mount.send('scan', 'metadata')).data).toEqual({ keys: ['a', 'b/c', 'b/d/e'] });
    expect((await allKeys(storage)).every((key) => key.startsWith(ROOT))).toBe(true);
  });

  test('is awaited by a standby', async () => {
    const storage = new InmemStorage();
    const standby = new TestMount(createKv, { storage, options: { version: '2' }, active: false });
    await standby.backend.initialize!();
    const early = standby.read('data/a');
    standby.clock.advance(20_000);
    expect((await early).errors![0]).toMatch(/^Waiting for the primary to upgrade/);
    const active = new TestMount(createKv, { storage, options: { version: '2' } });
    await active.backend.initialize!();
    await active.settle();
    standby.clock.advance(1_000_000);
    await standby.settle();
    expect(await standby.read('data/a')).toEqual({ status: 404 });
  });
});

/** Takes some turns for everything, as real storage does. */
async function later<T>(body: () => Promise<T>): Promise<T> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return body();
}

function slow(storage: Storage): Storage {
  return {
    transactional: true,
    get: (key) => later(() => storage.get(key)),
    list: (prefix, page) => later(() => storage.list(prefix, page)),
    put: (key, value) => later(() => storage.put(key, value)),
    delete: (key) => later(() => storage.delete(key)),
    begin: (options) => later(() => storage.begin(options)),
  };
}

describe('writers at the same time', () => {
  test('get one version each, and check-and-set has one winner', async () => {
    const mount = await mountedOn(slow(new InmemStorage()));
    const writes = Array.from({ length: 5 }, (_, i) => mount.write('data/k', { data: { i } }));
    const versions = (await Promise.all(writes)).map(({ data }) => data!['version']);
    expect(versions).toEqual([1, 2, 3, 4, 5]);
    const races = Array.from({ length: 5 }, () => mount.write('data/k', { data: {}, options: { cas: 5 } }));
    const statuses = (await Promise.all(races)).map(({ status }) => status);
    expect(statuses).toEqual([200, 400, 400, 400, 400]);
  });

  test('leave nothing behind when storage fails halfway', async () => {
    const storage = new InmemStorage();
    const mount = await mountedOn(storage);
    await mount.write('data/k', { data: { n: 1 } });
    const before = await allKeys(storage);
    const begin = storage.begin.bind(storage);
    storage.begin = async (options) => {
      const transaction = await begin(options);
      const put = transaction.put.bind(transaction);
      let puts = 0;
      transaction.put = (key, value) => (++puts === 2 ? Promise.reject(new Error('disk full')) : put(key, value));
      return transaction;
    };
    await expect(mount.write('data/k', { data: { n: 2 } })).rejects.toThrow('disk full');
    expect(await allKeys(storage)).toEqual(before);
    expect((await mount.read('data/k')).data).toMatchObject({ data: { n: 1 }, metadata: { version: 1 } });
  });
});
