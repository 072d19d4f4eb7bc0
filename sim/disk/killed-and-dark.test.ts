import { expect, test } from 'vitest';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import { noBytes } from '../../core/codec/bytes.ts';
import { portableCrypto } from '../../core/crypto/portable.ts';
import { Wal } from '../../core/raft/wal.ts';
import type { Disk } from '../../core/runtime.ts';
import { StateFile } from '../../core/storage/raft/state.ts';
import { nodePump } from '../../host/pump.ts';
import { Bench } from '../testing.ts';

const crypto = portableCrypto();
const TURNS = 6;
const OPERATIONS = 30;
const SEEDS = [1, 2];

/** Something that keeps what it is given: opens, and gives what there is and a way to add to it. */
type Keeper = (disk: Disk) => Promise<{ readonly kept: number; readonly add: (number: number) => Promise<void> }>;

const log: Keeper = async (disk) => {
  const { wal, contents } = await Wal.open(disk, 'wal', { segmentSize: 200 });
  return {
    kept: contents.log.lastIndex,
    add: async (index) => {
      const entry = { index, term: 1, type: 'command', data: noBytes, extensions: noBytes } as const;
      await wal.commit({ kind: 'entries', entries: [entry] });
    },
  };
};

const state: Keeper = async (disk) => {
  const file = await StateFile.open(disk, 'vault.db', { compaction: { atLeast: 0, times: 3 } });
  return {
    kept: [...file.data.entries()].length,
    add: async (number) => {
      const batch = file.begin();
      batch.put(`key${number}`, encodeUtf8(String(number)));
      await file.commit(batch);
    },
  };
};

/** Killed after so many operations of the disk, started again to add more, then without power: how much was lost. */
async function lost(keeper: Keeper, operations: number, seed: number): Promise<number> {
  const bench = new Bench(crypto, String(seed));
  const machine = bench.machine('n1');
  let [safe, found, turns] = [0, 0, TURNS];
  const program = async ({ disk }: { readonly disk: Disk }): Promise<void> => {
    const { kept, add } = await keeper(disk);
    found = kept;
    for (let number = kept + 1; number <= kept + turns; number++) {
      await add(number);
      safe = Math.max(safe, number);
    }
  };
  let left = operations;
  machine.disk.onDone = () => {
    if (--left === 0) machine.kill();
  };
  machine.start(program);
  await nodePump(bench.world, () => false);
  machine.kill();
  machine.disk.onDone = undefined;
  // Not so many that it begins its files anew.
  turns = 1;
  machine.restart();
  await nodePump(bench.world, () => false);
  machine.losePower();
  turns = 0;
  machine.restart();
  await nodePump(bench.world, () => false);
  expect(bench.world.crashes).toEqual([]);
  return Math.max(0, safe - found);
}

test.each([
  ['the log', log],
  ['the state', state],
])('%s is there when the power goes after a process was killed, whatever it was about', async (_, keeper) => {
  for (let operations = 1; operations <= OPERATIONS; operations++) {
    for (const seed of SEEDS) expect(`${operations}: ${await lost(keeper, operations, seed)}`).toBe(`${operations}: 0`);
  }
});
