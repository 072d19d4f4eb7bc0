import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { decompress } from '../../codec/canary.ts';
import { decodeHex } from '../../codec/hex.ts';
import { ProtobufReader } from '../../codec/protobuf.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { Barrier } from '../../storage/barrier/barrier.ts';
import { testRuntime } from '../../storage/barrier/barrier.fixture.ts';
import { parseKey, serialiseKey } from '../../storage/barrier/keyring.ts';
import { readShamirKek } from '../../storage/barrier/lifecycle.ts';
import { InmemStorage } from '../../storage/inmem.ts';
import { parseBlob, serialiseBlob } from './blob.ts';
import { SealManager } from './manager.ts';
import { parseSealConfig, serialiseSealConfig } from './seal-config.ts';
import { ShamirWrapper } from './shamir-wrapper.ts';
import { StaticWrapper } from './static-wrapper.ts';
import type { SealWrapper } from './wrapper.ts';

/** Rows that a real server left in PostgreSQL; made by conformance/fixtures/postgres-store.ts. */
interface StoreFixture {
  shares: string[];
  threshold: number;
  rows: Record<string, string>;
}

const fixture = (name: string): StoreFixture =>
  JSON.parse(
    readFileSync(new URL(`../../storage/barrier/testdata/${name}-store.json`, import.meta.url), 'utf8'),
  ) as StoreFixture;

async function storeOf({ rows }: StoreFixture): Promise<InmemStorage> {
  const storage = new InmemStorage();
  for (const [key, value] of Object.entries(rows)) await storage.put(key, decodeBase64(value));
  return storage;
}

const rowOf = ({ rows }: StoreFixture, key: string): Uint8Array => decodeBase64(rows[key]!);

const plain = /^core\/(seal-config|recovery-config|recovery-key|keyring|hsm\/barrier-unseal-keys)$/;

/** All entries behind the barrier, decrypted and decompressed. */
async function contents(barrier: Barrier, { rows }: StoreFixture): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const key of Object.keys(rows)) {
    if (plain.test(key)) continue;
    const value = await barrier.get(key);
    found.set(key, value!.length > 0 ? decompress(value!) : value!);
  }
  return found;
}

/** The data of the KV v2 versions: field 1 of a protobuf. */
function versions(entries: Map<string, Uint8Array>): unknown[] {
  const stored = [...entries].filter(([key]) => key.includes('/versions/') && key.startsWith('logical/'));
  return stored.map(([, value]) => {
    const reader = new ProtobufReader(value);
    reader.next();
    return JSON.parse(decodeUtf8(reader.bytes()));
  });
}

function expectKnown(barrier: Barrier, entries: Map<string, Uint8Array>): void {
  const text = (key: string) => decodeUtf8(entries.get(key)!);
  expect([...barrier.keyring.keys.keys()]).toEqual([1, 2]);
  const mounts = [...entries].filter(([key]) => key.startsWith('core/mounts/'));
  const paths = mounts.map(([, value]) => (JSON.parse(decodeUtf8(value)) as { path: string }).path);
  expect(paths.sort()).toEqual(['identity/', 'secret/', 'sys/']);
  expect(JSON.parse(text('sys/policy/reader'))).toMatchObject({
    Raw: 'path "secret/data/*" { capabilities = ["read"] }',
  });
  const values = versions(entries) as { password: string }[];
  expect(values.map(({ password }) => password).sort()).toEqual(['fixture-1', 'fixture-2']);
  expect(parseKey(entries.get('core/root-key')!).value).toEqual(barrier.keyring.rootKey);
}

describe.each([
  ['shamir', (runtime) => new ShamirWrapper(runtime)],
  [
    'static',
    (runtime) =>
      new StaticWrapper(runtime, {
        currentKey: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
        currentKeyId: 'fixture-1',
      }),
  ],
] as [string, (runtime: ReturnType<typeof testRuntime>) => SealWrapper][])(
  'a real 2.7.2 store, %s',
  (name, wrapper) => {
    const stored = fixture(name);
    const open = async () => {
      const runtime = testRuntime();
      const manager = new SealManager(new Barrier(runtime, await storeOf(stored)), wrapper(runtime));
      if (await manager.tryStoredKeys()) return manager;
      for (const share of stored.shares.slice(-stored.threshold)) await manager.submitShare(decodeHex(share));
      return manager;
    };

    it('unseals and decrypts in full, two terms and known contents', async () => {
      const { barrier } = await open();
      expect(barrier.sealed).toBe(false);
      expectKnown(barrier, await contents(barrier, stored));
    });

    it('unseals with its shares, recovery shares included', async () => {
      const runtime = testRuntime();
      const manager = new SealManager(new Barrier(runtime, await storeOf(stored)), wrapper(runtime));
      for (const share of stored.shares.slice(0, stored.threshold)) await manager.submitShare(decodeHex(share));
      expect(manager.barrier.sealed).toBe(false);
    });

    it('has entries that we write byte for byte alike', async () => {
      const { barrier } = await open();
      for (const key of Object.keys(stored.rows).filter((key) => /seal-config|recovery-config/.test(key))) {
        expect(decodeUtf8(serialiseSealConfig(parseSealConfig(rowOf(stored, key))))).toBe(
          decodeUtf8(rowOf(stored, key)),
        );
      }
      for (const key of Object.keys(stored.rows).filter((key) => /unseal-keys|recovery-key$/.test(key))) {
        expect(encodeBase64(serialiseBlob(parseBlob(rowOf(stored, key))))).toBe(stored.rows[key]);
      }
      const rootKey = (await barrier.get('core/root-key'))!;
      expect(decodeUtf8(serialiseKey(parseKey(rootKey)))).toBe(decodeUtf8(rootKey));
    });

    it('keeps its contents through our rotations of both keys', async () => {
      const manager = await open();
      const { barrier, seal } = manager;
      const before = await contents(barrier, stored);
      await manager.rotateRoot();
      await manager.rotateKey({ ha: false, scope: { onCancel: () => () => {} } as never });
      await barrier.put('sys/policy/ours', encodeUtf8('ours'));
      manager.sealNode();
      const [rootKey] = await seal.storedKeys();
      expect(rootKey).toBeDefined();
      if (!(await manager.tryStoredKeys())) {
        for (const share of stored.shares.slice(0, stored.threshold)) await manager.submitShare(decodeHex(share));
      }
      const after = await contents(barrier, stored);
      expect(barrier.keyring.activeTerm).toBe(3);
      before.delete('core/root-key');
      after.delete('core/root-key');
      expect(after).toEqual(before);
      if (!seal.auto) expect((await readShamirKek(barrier))!).toHaveLength(32);
    });
  },
);
