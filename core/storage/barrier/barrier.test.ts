import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { optimisticContract, storageContract } from '../contract.ts';
import { InmemStorage } from '../inmem.ts';
import { ReadOnly } from '../storage.ts';
import { Barrier } from './barrier.ts';
import { testRuntime } from './barrier.fixture.ts';
import { Keyring, parseKey } from './keyring.ts';
import {
  initialiseBarrier,
  isRootKey,
  newTermKey,
  readShamirKek,
  reloadKeyring,
  reloadRootKey,
  rotateRootKey,
  sealBarrier,
  unsealBarrier,
} from './lifecycle.ts';
import {
  autoRotateReason,
  changeRotationConfig,
  checkUpgrade,
  createUpgrade,
  destroyUpgrade,
  rotate,
  rotationConfig,
  setRotationConfig,
} from './rotation.ts';

const rootKey = new Uint8Array(32).fill(3);
const value = encodeUtf8('value');

function opened(): Barrier {
  const barrier = new Barrier(testRuntime(), new InmemStorage());
  barrier.install(new Keyring(rootKey).withKey(newTermKey(barrier, 1)));
  return barrier;
}

/** An active node's barrier, and a standby's over the same storage. */
async function pair() {
  const runtime = testRuntime();
  const physical = new InmemStorage();
  const barrier = new Barrier(runtime, physical);
  await initialiseBarrier(barrier, rootKey, encodeUtf8('k'.repeat(32)));
  await unsealBarrier(barrier, rootKey);
  const standby = new Barrier(testRuntime(2), physical);
  await unsealBarrier(standby, rootKey);
  standby.readOnly = true;
  return { runtime, physical, barrier, standby };
}

describe('an open barrier', () => {
  for (const check of [...storageContract, ...optimisticContract]) {
    it(check.name, async () => {
      await expect(check.run(opened())).resolves.toBeUndefined();
    });
  }

  it('stores term, version 2, nonce, ciphertext and tag, bound to the key', async () => {
    const { barrier, physical } = await pair();
    await barrier.put('logical/a', value);
    const entry = (await physical.get('logical/a'))!;
    expect([...entry.subarray(0, 5)]).toEqual([0, 0, 0, 1, 2]);
    expect(entry).toHaveLength(4 + 1 + 12 + value.length + 16);
    await physical.put('logical/b', entry);
    await expect(barrier.get('logical/b')).rejects.toThrow('decryption failed: cipher: message authentication failed');
    expect(await barrier.get('logical/a')).toEqual(value);
  });

  it("refuses malformed entries with upstream's texts", async () => {
    const { barrier, physical } = await pair();
    const reads = async (...bytes: number[]) => {
      await physical.put('x', Uint8Array.from(bytes));
      return barrier.get('x');
    };
    await expect(reads(1, 2, 3)).rejects.toThrow('invalid value');
    await expect(reads(0, 0, 0, 9, 2, 0)).rejects.toThrow('no decryption key available for term 9');
    await expect(reads(0, 0, 0, 1, 2)).rejects.toThrow('decryption failed: invalid cipher length');
    await expect(reads(0, 0, 0, 1, 3, 0)).rejects.toThrow('decryption failed: version bytes mis-match');
    await expect(reads(0, 0, 0, 1, 2, 0)).rejects.toThrow('decryption failed: cipher: message authentication failed');
  });

  it('still reads entries of version 1, which have no AAD', async () => {
    const { barrier, physical, runtime } = await pair();
    const nonce = new Uint8Array(12);
    const sealed = runtime.crypto.aesGcm(barrier.keyring.activeKey.value).seal(nonce, value);
    await physical.put('old', Uint8Array.from([0, 0, 0, 1, 1, ...nonce, ...sealed]));
    expect(await barrier.get('old')).toEqual(value);
  });

  it('encrypts outside of storage too', () => {
    const barrier = opened();
    expect(barrier.decrypt('', barrier.encrypt('', value))).toEqual(value);
    expect(() => barrier.decrypt('', new Uint8Array(0))).toThrow('empty ciphertext');
    expect(() => barrier.decrypt('', new Uint8Array(3))).toThrow('invalid ciphertext term');
  });

  it('traces every nonce, and none twice', async () => {
    const { barrier, runtime } = await pair();
    for (let i = 0; i < 50; i++) await barrier.put(`k/${i}`, value);
    await rotate(barrier);
    const encrypted = runtime.traced.filter((event) => event.kind === 'barrier.encrypt');
    expect(new Set(encrypted.map(({ nonce }) => nonce)).size).toBe(encrypted.length);
    expect(encrypted.map(({ term }) => term)).toEqual([0, 1, 1, ...Array.from({ length: 50 }, () => 1), 0, 2]);
  });
});

describe('a sealed barrier', () => {
  it('refuses everything', async () => {
    const { barrier } = await pair();
    await barrier.put('a', value);
    sealBarrier(barrier);
    for (const attempt of [
      () => barrier.get('a'),
      () => barrier.put('a', value),
      () => barrier.delete('a'),
      () => barrier.list(''),
    ]) {
      await expect(attempt()).rejects.toThrow('Vault is sealed');
    }
    await expect(rotate(barrier)).rejects.toThrow('Vault is sealed');
    expect(() => barrier.encrypt('', value)).toThrow('Vault is sealed');
  });

  it('opens with its root key only', async () => {
    const { barrier } = await pair();
    await barrier.put('a', value);
    sealBarrier(barrier);
    await expect(unsealBarrier(barrier, new Uint8Array(32))).rejects.toThrow('Unseal failed, invalid key');
    await expect(unsealBarrier(barrier, new Uint8Array(3))).rejects.toThrow('key size must be 16 or 32');
    expect(barrier.sealed).toBe(true);
    await unsealBarrier(barrier, rootKey);
    expect(isRootKey(barrier, rootKey)).toBe(true);
    expect(await barrier.get('a')).toEqual(value);
  });

  it('is made once', async () => {
    const { barrier } = await pair();
    await expect(initialiseBarrier(barrier, rootKey)).rejects.toThrow('Vault is already initialized');
    const other = new Barrier(testRuntime(), new InmemStorage());
    await expect(unsealBarrier(other, rootKey)).rejects.toThrow('Vault is not initialized');
  });

  it('stays sealed when it is sealed in the middle of a rotation', async () => {
    const { barrier } = await pair();
    const rotating = rotate(barrier);
    sealBarrier(barrier);
    await expect(rotating).rejects.toThrow('Vault is sealed');
    expect(barrier.sealed).toBe(true);
  });
});

describe("a standby's barrier", () => {
  it('rejects writes and reads on', async () => {
    const { barrier, standby } = await pair();
    await barrier.put('a', value);
    await expect(standby.put('a', value)).rejects.toBeInstanceOf(ReadOnly);
    await expect(standby.delete('a')).rejects.toBeInstanceOf(ReadOnly);
    const transaction = await standby.begin();
    await expect(transaction.put('a', value)).rejects.toBeInstanceOf(ReadOnly);
    expect(await transaction.get('a')).toEqual(value);
  });

  it('follows rotations through the upgrade entries, one after the other', async () => {
    const { barrier, standby } = await pair();
    for (let i = 0; i < 2; i++) await createUpgrade(barrier, await rotate(barrier));
    await barrier.put('a', value);
    await expect(standby.get('a')).rejects.toThrow('no decryption key available for term 3');
    expect(await checkUpgrade(standby)).toBe(2);
    expect(await checkUpgrade(standby)).toBe(3);
    expect(await checkUpgrade(standby)).toBeUndefined();
    expect(await standby.get('a')).toEqual(value);
    await destroyUpgrade(barrier, 2);
    expect(await barrier.list('core/upgrade/')).toEqual(['2']);
  });

  it('follows a new root key: first the root key, then the keyring', async () => {
    const { barrier, standby } = await pair();
    const next = new Uint8Array(32).fill(8);
    await rotateRootKey(barrier, next);
    await expect(reloadKeyring(standby)).rejects.toThrow('Unseal failed, invalid key');
    await reloadRootKey(standby);
    await reloadKeyring(standby);
    expect(isRootKey(standby, next)).toBe(true);
  });
});

describe('rotation', () => {
  it('encrypts with the new term and reads the old', async () => {
    const { barrier, physical } = await pair();
    await barrier.put('a', value);
    expect(await rotate(barrier)).toBe(2);
    await barrier.put('b', value);
    expect((await physical.get('b'))![3]).toBe(2);
    expect(await barrier.get('a')).toEqual(value);
    expect((await physical.get('core/keyring'))![3]).toBe(1);
    expect(decodeUtf8((await readShamirKek(barrier))!)).toBe('k'.repeat(32));
  });

  it('makes reads and writes wait until the keyring is stored', async () => {
    const { barrier, physical } = await pair();
    const rotating = rotate(barrier);
    const writing = barrier.put('a', value);
    await Promise.all([rotating, writing]);
    expect((await physical.get('a'))![3]).toBe(2);
  });

  it('keeps the root key under the newest term and removes the legacy entry', async () => {
    const { barrier, physical } = await pair();
    await physical.put('core/master', value);
    await rotate(barrier);
    expect(await physical.get('core/master')).toBeUndefined();
    const key = parseKey((await barrier.get('core/root-key'))!);
    expect(key).toEqual({ term: 1, version: 1, value: rootKey, installTime: '0001-01-01T00:00:00Z', encryptions: 0 });
  });

  it('is due after enough operations, enough time, or a year without a count', async () => {
    const { barrier, runtime } = await pair();
    expect(await autoRotateReason(barrier)).toBeUndefined();
    await setRotationConfig(barrier, { disabled: false, maxOperations: 1, interval: 0 });
    expect(barrier.keyring.rotation.maxOperations).toBe(1_000_000);
    barrier.count(1_000_001);
    expect(await autoRotateReason(barrier)).toBe('reached max operations');
    await rotate(barrier);
    expect(barrier.encryptions).toBe(0);
    runtime.now += 366 * 24 * 3600 * 1_000_000;
    expect(await autoRotateReason(barrier)).toBe('legacy rotation');
    await rotate(barrier);
    await setRotationConfig(barrier, { disabled: false, maxOperations: 0, interval: 1 });
    await barrier.put('a', value);
    await autoRotateReason(barrier);
    runtime.now += 25 * 3600 * 1_000_000;
    expect(await autoRotateReason(barrier)).toBe('rotation interval reached');
  });

  it('is configured within limits, and switching it off survives a restart', async () => {
    const { barrier, standby } = await pair();
    await expect(changeRotationConfig(barrier, { maxOperations: 5, interval: 3_600_000_000 })).rejects.toThrow(
      'interval must be greater or equal to 24h0m0s',
    );
    await expect(changeRotationConfig(barrier, { maxOperations: 5 })).rejects.toThrow(
      'max_operations must be in the range [1000000,3865470566]',
    );
    await changeRotationConfig(barrier, { disabled: true });
    await changeRotationConfig(barrier, { maxOperations: 2_000_000 });
    await reloadKeyring(standby);
    expect(rotationConfig(standby)).toEqual({ disabled: true, maxOperations: 2_000_000, interval: 0 });
    barrier.count(3_000_000);
    expect(await autoRotateReason(barrier)).toBeUndefined();
  });

  it('folds the count into the stored keyring, and an idle barrier writes nothing', async () => {
    const { barrier, physical, standby } = await pair();
    barrier.count(-barrier.unaccounted);
    for (let i = 0; i < 9; i++) await barrier.put('a', value);
    await autoRotateReason(barrier);
    expect(barrier.encryptions).toBe(10);
    expect(barrier.unaccounted).toBe(0);
    const before = await physical.get('core/keyring');
    await autoRotateReason(barrier);
    expect(await physical.get('core/keyring')).toBe(before);
    await reloadKeyring(standby);
    expect(standby.encryptions).toBe(10);
  });
});
