import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { TestDisk } from '../disk.fixture.ts';
import { CorruptState } from './journal.ts';
import { StateFile } from './state.ts';

const change = fc.record({
  key: fc.constantFrom('a', 'b', 'c/d', 'c/e'),
  value: fc.option(fc.uint8Array({ maxLength: 40 }), { freq: 4 }),
});
const batches = fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });

async function commit(state: StateFile, changes: readonly { key: string; value: Uint8Array | null }[]): Promise<void> {
  const batch = state.begin();
  for (const { key, value } of changes) {
    if (value === null) batch.delete(key);
    else batch.put(key, value);
  }
  batch.setConfig('n', Uint8Array.of(changes.length));
  await state.commit(batch);
}

const content = (state: StateFile): string =>
  `${[...state.data.entries()].map(([key, value]) => `${key}=${value.join()}`).join(' ')} ${state.config('n')?.join()}`;

describe('StateFile', () => {
  test.prop([batches, fc.nat(1000), fc.constantFrom('written', 'synced' as const)])(
    'is what it was after some whole batch, whichever byte a crash cuts at, and after every batch that was durable',
    async (batches, cut, keep) => {
      const whole = new TestDisk();
      const states: string[] = [];
      const reference = await StateFile.open(whole, 'raft/vault.db');
      const base = whole.written;
      states.push(content(reference));
      for (const changes of batches) {
        await commit(reference, changes);
        states.push(content(reference));
      }
      const disk = new TestDisk();
      const state = await StateFile.open(disk, 'raft/vault.db');
      disk.crashAt(base + (cut % (whole.written - base + 1)));
      let durable = 0;
      try {
        for (const changes of batches) {
          await commit(state, changes);
          durable++;
        }
      } catch {
        // The crash.
      }
      const found = await StateFile.open(disk.afterCrash(keep), 'raft/vault.db');
      expect(states.slice(durable)).toContain(content(found));
      const again = found.digest();
      await found.compact();
      expect(found.digest()).toBe(again);
    },
  );

  test.prop([batches])('reopens with the same digest, also after it was compacted', async (batches) => {
    const disk = new TestDisk();
    const state = await StateFile.open(disk, 'vault.db');
    for (const [n, changes] of batches.entries()) {
      await commit(state, changes);
      if (n === 1) await state.compact();
    }
    const reopened = await StateFile.open(disk.afterCrash('synced'), 'vault.db');
    expect(reopened.digest()).toBe(state.digest());
    expect(content(reopened)).toBe(content(state));
  });

  test.prop([batches])('holds the same without a digest, and never makes one', async (batches) => {
    const [watched, unwatched] = [new TestDisk(), new TestDisk()];
    const told = await StateFile.open(watched, 'vault.db');
    const untold = await StateFile.open(unwatched, 'vault.db', { digested: false });
    for (const [n, changes] of batches.entries()) {
      for (const state of [told, untold]) {
        await commit(state, changes);
        if (n === 1) await state.compact();
      }
    }
    expect(content(untold)).toBe(content(told));
    expect(told.digest()).toMatch(/^[0-9a-f]{16}$/);
    expect(untold.digest()).toBeUndefined();
    expect((await StateFile.open(unwatched, 'vault.db', { digested: false })).digest()).toBeUndefined();
    expect((await StateFile.open(unwatched, 'vault.db')).digest()).toBe(told.digest());
  });

  it('cuts off all that was not synced when the first of it is torn and the rest is whole', async () => {
    const disk = new TestDisk();
    const state = await StateFile.open(disk, 'vault.db');
    const put = async (key: string, syncs?: number): Promise<number> => {
      const batch = state.begin();
      batch.put(key, encodeUtf8('value'));
      const before = disk.written;
      await state.commit(batch, syncs);
      return before;
    };
    await put('synced');
    const start = await put('torn', 0);
    await put('whole', 0);
    const damaged = disk.afterCrash('written');
    damaged.replace('vault.db', (bytes) => bytes.with(start + 30, bytes[start + 30]! ^ 0x10));
    expect(content(await StateFile.open(damaged, 'vault.db'))).toContain('synced');
    expect(content(await StateFile.open(damaged, 'vault.db'))).not.toContain('whole');
    // Once a later record was written after a sync, the same damage is one that no crash explains.
    await put('later', 1);
    await put('last', 1);
    const rotten = disk.afterCrash('written');
    rotten.replace('vault.db', (bytes) => bytes.with(start + 30, bytes[start + 30]! ^ 0x10));
    await expect(StateFile.open(rotten, 'vault.db')).rejects.toThrow('a damaged record before sound ones');
  });

  it('refuses damage that no crash explains, and names the place', async () => {
    const disk = new TestDisk();
    const state = await StateFile.open(disk, 'vault.db');
    for (const key of ['a', 'b', 'c']) await commit(state, [{ key, value: encodeUtf8('value') }]);
    const size = (await disk.readFile('vault.db'))!.length;
    for (let at = 0; at < size - 60; at += 7) {
      const damaged = disk.afterCrash('written');
      damaged.replace('vault.db', (bytes) => bytes.with(at, bytes[at]! ^ 0x10));
      await expect(StateFile.open(damaged, 'vault.db')).rejects.toThrow(CorruptState);
    }
    const truncated = disk.afterCrash('written');
    truncated.replace('vault.db', (bytes) => bytes.slice(0, 5));
    await expect(StateFile.open(truncated, 'vault.db')).rejects.toThrow('vault.db is corrupt at byte 0');
  });
});
