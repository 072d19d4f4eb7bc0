import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { encodeConfiguration } from '../../raft/configuration.ts';
import type { Entry } from '../../raft/types.ts';
import { TestDisk } from '../disk.fixture.ts';
import { OptimisticTransaction, type Footprint } from '../optimistic.ts';
import { testRuntime } from '../runtime.fixture.ts';
import { split } from './chunking.ts';
import { RaftFsm, type FsmHooks } from './fsm.ts';
import { encodeLogData, op } from './operations.ts';
import { transactionOperations } from './transaction.ts';

const nothing = new Uint8Array(0);
const quiet: FsmHooks = { changed() {}, replaced() {}, restoreCallback() {} };

const command = (index: number, data: Uint8Array, extensions: Uint8Array = nothing, term = 1): Entry => ({
  index,
  term,
  type: 'command',
  data,
  extensions,
});
const put = (index: number, key: string, value: string): Entry =>
  command(index, encodeLogData({ operations: [{ type: op.put, key, value: encodeUtf8(value) }] }));

const open = (disk: TestDisk, hooks = quiet): Promise<RaftFsm> =>
  RaftFsm.open(testRuntime(disk), 'raft/vault.db', hooks);

const names = (of: Iterable<string>): string =>
  [...of]
    .filter((key) => key.startsWith('f/'))
    .sort()
    .join();

const shown = (fsm: RaftFsm): Record<string, string> =>
  Object.fromEntries([...fsm.data.entries()].map(([key, value]) => [key, decodeUtf8(value)]));

/** The log entry of a transaction on the state as it is. */
async function transaction(
  fsm: RaftFsm,
  body: (transaction: OptimisticTransaction) => Promise<void>,
): Promise<(index: number) => Entry> {
  const start = fsm.applied().index;
  let footprint: Footprint | undefined;
  const made = new OptimisticTransaction(fsm.data.fork(), false, async (done) => {
    footprint = done;
  });
  await body(made);
  await made.commit();
  const operations = transactionOperations(testRuntime(new TestDisk()).crypto, start, footprint!);
  return (index) => command(index, encodeLogData({ operations }));
}

describe('RaftFsm', () => {
  it('applies, tells which keys changed, and remembers its place', async () => {
    const disk = new TestDisk();
    const told: unknown[] = [];
    const fsm = await open(disk, { ...quiet, changed: (keys, index) => told.push([keys, index]) });
    expect(await fsm.apply([put(1, 'a', '1'), put(2, 'b', '2'), put(3, 'a', '3')])).toEqual(Array(3).fill('applied'));
    expect(told).toEqual([[['a', 'b'], 3]]);
    const reopened = await open(disk.afterCrash('synced'));
    expect(shown(reopened)).toEqual({ a: '3', b: '2' });
    expect(reopened.applied()).toEqual({ index: 3, term: 1 });
    expect(reopened.digest()).toBe(fsm.digest());
  });

  it('remembers the configuration and what the node wants to be', async () => {
    const disk = new TestDisk();
    const fsm = await open(disk);
    const configuration = { servers: [{ id: 'n1', address: 'h:1', suffrage: 'nonvoter' as const }] };
    const entry: Entry = { ...put(4, '', ''), type: 'configuration', data: encodeConfiguration(configuration) };
    await fsm.apply([entry]);
    await fsm.setDesiredSuffrage('non-voter');
    const reopened = await open(disk.afterCrash('synced'));
    expect(reopened.configuration()).toEqual({ index: 4, configuration });
    expect(reopened.desiredSuffrage()).toBe('non-voter');
  });

  it('rejects a transaction whose reads or listings changed, and lets the others through', async () => {
    const fsm = await open(new TestDisk());
    await fsm.apply([put(1, 'x', '1'), put(2, 'f/a', '1')]);
    const reading = await transaction(fsm, async (t) => {
      await t.get('x');
      await t.put('y', encodeUtf8('read x'));
    });
    const listing = await transaction(fsm, async (t) => {
      await t.list('f/');
      await t.put('z', encodeUtf8('listed f'));
    });
    const other = await transaction(fsm, (t) => t.put('w', encodeUtf8('alone')));
    const results = await fsm.apply([put(3, 'x', '2'), put(4, 'f/b', '2'), reading(5), listing(6), other(7)]);
    expect(results).toEqual(['applied', 'applied', 'rejected', 'rejected', 'applied']);
    expect(shown(fsm)).toEqual({ x: '2', 'f/a': '1', 'f/b': '2', w: 'alone' });
  });

  it('judges a transaction the same with and without knowledge of what was written since it began', async () => {
    const disk = new TestDisk();
    const fsm = await open(disk);
    await fsm.apply([put(1, 'x', '1')]);
    const stale = await transaction(fsm, async (t) => {
      await t.get('x');
      await t.put('y', encodeUtf8('stale'));
    });
    await fsm.apply([put(2, 'x', '2')]);
    const restarted = await open(disk.afterCrash('synced'));
    expect(await fsm.apply([stale(3)])).toEqual(['rejected']);
    expect(await restarted.apply([stale(3)])).toEqual(['rejected']);
    expect(restarted.digest()).toBe(fsm.digest());
  });

  it('puts large entries together from their pieces, across a restart, and drops those of fallen leaders', async () => {
    const disk = new TestDisk();
    const value = 'x'.repeat(1_200_000);
    const data = encodeLogData({ operations: [{ type: op.put, key: 'big', value: encodeUtf8(value) }] });
    const pieces = split(data, Uint8Array.of(255, 1, 2, 3, 4, 5, 6, 7));
    const orphan = split(data, Uint8Array.of(1, 1, 2, 3, 4, 5, 6, 7))[0]!;
    expect(pieces).toHaveLength(3);
    let fsm = await open(disk);
    expect(await fsm.apply([command(1, orphan.data, orphan.extensions, 1)])).toEqual(['incomplete']);
    const entries = pieces.map((piece, at) => command(2 + at, piece.data, piece.extensions, 2));
    expect(await fsm.apply(entries.slice(0, 2))).toEqual(['incomplete', 'incomplete']);
    fsm = await open(disk.afterCrash('synced'));
    expect(await fsm.apply(entries.slice(2))).toEqual(['applied']);
    expect(shown(fsm)).toEqual({ big: value });
  });

  it('moves its whole state through a snapshot', async () => {
    const from = await open(new TestDisk());
    await from.apply(Array.from({ length: 500 }, (_, n) => put(n + 1, `k/${n}`, 'v'.repeat(n))));
    const snapshot = await from.snapshot();
    await from.apply([put(501, 'later', 'x')]);
    const disk = new TestDisk();
    const replaced: number[] = [];
    const to = await open(disk, { ...quiet, replaced: (index) => replaced.push(index) });
    await to.apply([put(1, 'gone', 'x')]);
    await to.setDesiredSuffrage('non-voter');
    const configuration = { servers: [{ id: 'n1', address: 'h:1', suffrage: 'voter' as const }] };
    await to.restore({ index: 500, term: 3, configuration, configurationIndex: 2, size: 0 }, snapshot.read());
    expect(replaced).toEqual([500]);
    expect(to.data.size).toBe(500);
    await to.apply([put(501, 'later', 'x')]);
    expect(to.digest()).toBe(from.digest());
    const reopened = await open(disk.afterCrash('synced'));
    expect(reopened.digest()).toBe(from.digest());
    expect(reopened.applied().index).toBe(501);
    expect(reopened.configuration()).toEqual({ index: 2, configuration });
    expect(reopened.desiredSuffrage()).toBe('non-voter');
  });

  const key = fc.constantFrom('a', 'b', 'f/c', 'f/d');
  type Action =
    | { kind: 'put'; key: string; value: string }
    | { kind: 'transaction'; reads: string[]; list: boolean; key: string; value: string };
  const action: fc.Arbitrary<Action> = fc.oneof(
    fc.record({ kind: fc.constant('put' as const), key, value: fc.nat(3).map(String) }),
    fc.record({
      kind: fc.constant('transaction' as const),
      reads: fc.array(key, { maxLength: 2 }),
      list: fc.boolean(),
      key,
      value: fc.nat(3).map(String),
    }),
  );
  const log = fc.array(fc.array(action, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 });

  /** The batches as log entries; the transactions of a batch all begin before it. */
  async function entriesOf(batches: readonly (readonly Action[])[]): Promise<Entry[][]> {
    const fsm = await open(new TestDisk());
    let index = 0;
    const all: Entry[][] = [];
    for (const batch of batches) {
      const entries: Entry[] = [];
      for (const step of batch) {
        index++;
        if (step.kind === 'put') {
          entries.push(put(index, step.key, step.value));
          continue;
        }
        const make = await transaction(fsm, async (t) => {
          for (const read of step.reads) await t.get(read);
          if (step.list) await t.list('f/');
          await t.put(step.key, encodeUtf8(step.value));
        });
        entries.push(make(index));
      }
      await fsm.apply(entries);
      all.push(entries);
    }
    return all;
  }

  test.prop([log, fc.nat(5000)], { numRuns: 60 })(
    'ends in the same state when a crash at any byte makes raft hand over a batch again',
    async (batches, cut) => {
      const entries = await entriesOf(batches);
      const whole = new TestDisk();
      const reference = await open(whole);
      const base = whole.written;
      const digests = new Map<number, string | undefined>();
      for (const batch of entries) {
        await reference.apply(batch);
        digests.set(batch.at(-1)!.index, reference.digest());
      }
      const disk = new TestDisk();
      let fsm = await open(disk);
      disk.crashAt(base + (cut % (whole.written - base + 1)));
      try {
        for (const batch of entries) await fsm.apply(batch);
      } catch {
        // The crash.
      }
      fsm = await open(disk.afterCrash('written'));
      // A picture taken now is labelled with `applied`, and must be what it says.
      if (fsm.applied().index > 0) expect(fsm.digest()).toBe(digests.get(fsm.applied().index));
      for (const batch of entries) {
        const left = batch.filter((entry) => entry.index > fsm.applied().index);
        await fsm.apply(left);
        if (left.length > 0) expect(fsm.digest()).toBe(digests.get(batch.at(-1)!.index));
      }
      expect(fsm.digest()).toBe(reference.digest());
    },
  );

  test.prop([log], { numRuns: 60 })(
    'gives the same state and verdicts whatever the batches were, with a restart between any two',
    async (batches) => {
      const entries = (await entriesOf(batches)).flat();
      const together = await open(new TestDisk());
      const verdicts = await together.apply(entries);
      const disk = new TestDisk();
      let apart = await open(disk);
      let current = disk;
      for (const [at, entry] of entries.entries()) {
        expect(await apart.apply([entry])).toEqual([verdicts[at]]);
        current = current.afterCrash('synced');
        apart = await open(current);
      }
      expect(apart.digest()).toBe(together.digest());
    },
  );

  test.prop([log], { numRuns: 60 })(
    'lets exactly those transactions through that could have run alone at their place',
    async (batches) => {
      const entries = await entriesOf(batches);
      const fsm = await open(new TestDisk());
      for (const [n, batch] of entries.entries()) {
        const before = fsm.data.fork();
        const results = await fsm.apply(batch);
        // A model: transactions see the state before their batch; they hold if what they touched did not change in it.
        const now = new Map([...before.entries()].map(([k, v]) => [k, decodeUtf8(v)]));
        const then = new Map(now);
        for (const [at, step] of batches[n]!.entries()) {
          const touched = step.kind === 'put' ? [] : [...step.reads, step.key];
          const holds =
            touched.every((k) => now.get(k) === then.get(k)) &&
            (step.kind === 'put' || !step.list || names(now.keys()) === names(then.keys()));
          expect(results[at]).toBe(holds ? 'applied' : 'rejected');
          if (holds) now.set(step.key, step.value);
        }
        expect(shown(fsm)).toEqual(Object.fromEntries(now));
      }
    },
  );
});
