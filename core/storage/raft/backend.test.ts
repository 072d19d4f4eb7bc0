import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { portableCrypto } from '../../crypto/portable.ts';
import { Scope } from '../../scope.ts';
import { optimisticContract, storageContract } from '../contract.ts';
import { TestDisk } from '../disk.fixture.ts';
import { testRuntime } from '../runtime.fixture.ts';
import { ReadOnly } from '../storage.ts';
import { ForeignSnapshot, readArchive, writeArchive } from './archive.ts';
import { RaftBackend } from './backend.ts';
import { JoinChallenges } from './join.ts';
import { decodeLogData } from './operations.ts';
import { nodeId } from './node-id.ts';
import { LonelyRaft } from './raft.fixture.ts';
import {
  beginRotation,
  finishRotation,
  makeTlsKeyring,
  parseTlsKeyring,
  printTlsKeyring,
  recordRotation,
} from './tls.ts';

const streams = { dial: () => Promise.reject(new Error('no peers')), accept() {} };

async function backend(lead = true): Promise<{ storage: RaftBackend; raft: LonelyRaft }> {
  const raft = new LonelyRaft();
  const storage = await RaftBackend.open(testRuntime(new TestDisk()), { path: 'raft/', nodeId: 'n1', files: raft });
  await storage.bootstrap([{ id: 'n1', address: 'h:1', suffrage: 'voter' }]);
  await storage.start('h:1', streams);
  if (lead) raft.lead(true);
  return { storage, raft };
}

describe('RaftBackend', () => {
  for (const check of [...storageContract, ...optimisticContract]) {
    it(check.name, async () => {
      await expect(check.run((await backend()).storage)).resolves.toBeUndefined();
    });
  }

  it('cannot be bootstrapped twice', async () => {
    const { storage } = await backend();
    await expect(storage.bootstrap([{ id: 'x', address: 'y', suffrage: 'voter' }])).rejects.toThrow(
      'error bootstrapping cluster: cluster already has state',
    );
  });

  it('refuses writes on a follower in a way that makes the request travel on, and reads all the same', async () => {
    const { storage, raft } = await backend();
    await storage.put('a', encodeUtf8('1'));
    raft.lead(false);
    const refused = storage.put('a', encodeUtf8('2'));
    await expect(refused).rejects.toThrow(ReadOnly);
    await expect(refused).rejects.toThrow('node is not the leader');
    expect(decodeUtf8((await storage.get('a'))!)).toBe('1');
  });

  it('refuses what is too large with upstream’s words', async () => {
    const { storage } = await backend();
    await expect(storage.put('k', new Uint8Array(1024 * 1024))).rejects.toThrow(
      'put failed due to value being too large; got 1048591 bytes, max: 1048576 bytes',
    );
    await expect(storage.put('k'.repeat(32_769), new Uint8Array(1))).rejects.toThrow(
      'put failed due to key being too large, max key size for integrated storage is 32768',
    );
  });

  it('sends large entries in pieces', async () => {
    const { storage, raft } = await backend();
    const value = new Uint8Array(1_000_000).fill(7);
    await storage.put('big', value);
    expect(raft.entries).toHaveLength(2);
    expect(await storage.get('big')).toEqual(value);
    expect(await storage.list('')).toEqual(['big']);
  });

  it('writes nothing to the log for a transaction that only read', async () => {
    const { storage, raft } = await backend();
    const transaction = await storage.begin();
    await transaction.get('a');
    await transaction.commit();
    expect(raft.entries).toHaveLength(0);
  });

  it('tells with each write from which index on transactions may still be open', async () => {
    const { storage, raft } = await backend();
    for (const key of ['a', 'b', 'c']) await storage.put(key, encodeUtf8('1'));
    const early = await storage.begin();
    for (const key of ['d', 'e', 'f']) await storage.put(key, encodeUtf8('1'));
    await early.rollback();
    await storage.put('g', encodeUtf8('1'));
    expect(raft.entries.map(({ data }) => decodeLogData(data).lowestActiveIndex)).toEqual([0, 0, 1, 2, 3, 3, 5]);
  });
});

describe('RaftLock', () => {
  it('is held by the leader until it loses leadership', async () => {
    const { storage, raft } = await backend(false);
    const stop = new Scope();
    const locking = storage.lockWith('core/lock', 'uuid-1').lock(stop);
    raft.lead(true);
    const held = await locking;
    expect(decodeUtf8((await storage.get('core/lock'))!)).toBe('uuid-1');
    expect(held?.cancelled).toBe(false);
    raft.lead(false);
    await Promise.resolve();
    await Promise.resolve();
    expect(held?.cancelled).toBe(true);
    expect(await storage.lockWith('core/lock', 'x').value()).toBe('uuid-1');
  });

  it('fails once for leadership that came and went while nobody listened', async () => {
    const { storage, raft } = await backend(false);
    raft.lead(true);
    raft.lead(false);
    await expect(storage.lockWith('core/lock', 'x').lock(new Scope())).rejects.toThrow('node is not the leader');
  });

  it('is not waited for any longer than the node runs', async () => {
    const { storage } = await backend(false);
    const stop = new Scope();
    const locking = storage.lockWith('core/lock', 'x').lock(stop);
    stop.cancel();
    expect(await locking).toBeUndefined();
  });

  it('gives leadership away when it is unlocked', async () => {
    const { storage, raft } = await backend();
    const lock = storage.lockWith('core/lock', 'x');
    await lock.lock(new Scope());
    await lock.unlock();
    expect(raft.transfers).toBe(1);
  });
});

async function* state(): AsyncGenerator<Uint8Array> {
  yield encodeUtf8('some ');
  yield encodeUtf8('state');
}

describe('snapshot archives', () => {
  const crypto = portableCrypto();
  const mine = {
    seal: async (plain: Uint8Array) => plain.map((byte) => byte ^ 1),
    open: async (sealed: Uint8Array) => sealed.map((byte) => byte ^ 1),
  };
  const foreign = { ...mine, open: () => Promise.reject(new Error('cipher: message authentication failed')) };
  const meta = {
    index: 7,
    term: 2,
    configuration: { servers: [{ id: 'n1', address: 'h:1', suffrage: 'voter' as const }] },
    configurationIndex: 1,
    size: 0,
  };

  it('come back as they were', async () => {
    const archive = await writeArchive(crypto, meta, state(), mine, 0);
    const read = await readArchive(crypto, archive, mine);
    expect(read.meta).toEqual({ ...meta, size: 10 });
    expect(decodeUtf8(read.state)).toBe('some state');
  });

  it('of another cluster are taken only by force, damaged ones never', async () => {
    const archive = await writeArchive(crypto, meta, state(), mine, 0);
    await expect(readArchive(crypto, archive, foreign)).rejects.toThrow(ForeignSnapshot);
    expect(decodeUtf8((await readArchive(crypto, archive, undefined)).state)).toBe('some state');
    await expect(readArchive(crypto, encodeUtf8('not gzip'), mine)).rejects.toThrow('failed to decompress snapshot');
  });
});

describe('joining', () => {
  it('lets in who knows the answer', () => {
    const challenges = new JoinChallenges(portableCrypto(), new Uint8Array(32).fill(3));
    const answer = challenges.answerFor('n2');
    expect(answer).toHaveLength(24);
    const text = Buffer.from(answer).toString('base64');
    challenges.check('n2', text);
    expect(() => challenges.check('n3', text)).toThrow('invalid answer given');
    expect(() => challenges.check('n2', 'AA==')).toThrow('invalid answer given');
    expect(() => challenges.check('n2', '')).toThrow('no answer provided');
    expect(() => challenges.answerFor('x'.repeat(16_385))).toThrow('server id exceeds max length');
  });

  it('finds the node’s id where upstream looks for it, in the same order', async () => {
    const runtime = testRuntime(new TestDisk());
    expect(await nodeId(runtime, 'raft/', { environment: 'e', configuration: 'c' })).toBe('e');
    expect(await nodeId(runtime, 'raft/', { configuration: 'c' })).toBe('c');
    const made = await nodeId(runtime, 'raft/', {});
    expect(made).toMatch(/^[0-9a-f-]{36}$/);
    expect(await nodeId(runtime, 'raft/', {})).toBe(made);
  });
});

describe('the TLS keyring', () => {
  it('rotates in three steps, the last one when all followers know the new key', () => {
    const runtime = testRuntime(new TestDisk());
    const first = makeTlsKeyring(runtime);
    const second = beginRotation(runtime, first);
    if (second === 'pending') throw new Error('nothing is pending');
    expect(beginRotation(runtime, second)).toBe('pending');
    const recorded = recordRotation(second, 40);
    expect(finishRotation(recorded, 39)).toBeUndefined();
    const third = finishRotation(recorded, 40);
    expect(third).toMatchObject({ term: 2, activeKeyId: second.keys[1]!.id, keys: [{ id: second.keys[1]!.id }] });
    expect(finishRotation(first, 40)).toBeUndefined();
    expect(printTlsKeyring(parseTlsKeyring(printTlsKeyring(recorded)))).toBe(printTlsKeyring(recorded));
  });
});
