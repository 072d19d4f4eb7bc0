import { expect, test } from 'vitest';
import { nodePump } from '../host/pump.ts';
import { portableCrypto } from '../core/crypto/portable.ts';
import { type Clock, SECOND } from '../core/runtime.ts';
import { EPOCH } from './clock.ts';
import { Bench } from './testing.ts';
import { FAULT } from './event-kinds.ts';

const crypto = portableCrypto();

async function until(bench: Bench, at: number): Promise<void> {
  bench.world.schedule(bench.world.root, at - bench.world.now, FAULT, () => {}, undefined);
  await nodePump(bench.world, () => bench.world.now >= at);
}

function ticking(seen: number[]): (runtime: { clock: Clock }) => Promise<void> {
  return async ({ clock }) => {
    for (let i = 0; ; i++) {
      seen.push(i);
      await clock.sleep(SECOND);
    }
  };
}

test('a killed program never runs again, and a restart begins anew', async () => {
  const bench = new Bench(crypto);
  const seen: number[] = [];
  const machine = bench.run('n1', ticking(seen));
  await until(bench, 2.5 * SECOND);
  machine.kill();
  expect(machine.state).toBe('stopped');
  await until(bench, 10 * SECOND);
  expect(seen).toEqual([0, 1, 2]);
  machine.restart();
  await until(bench, 11.5 * SECOND);
  expect(seen).toEqual([0, 1, 2, 0, 1]);
  expect(machine.starts).toBe(2);
});

test('a paused program does nothing, and afterwards all of it in its order', async () => {
  const bench = new Bench(crypto);
  const seen: string[] = [];
  const machine = bench.run('n1', ({ clock }) => {
    clock.after(3000, () => seen.push(`c ${clock.monotonic()}`));
    clock.after(1000, () => seen.push(`a ${clock.monotonic()}`));
    clock.after(2000, () => seen.push(`b ${clock.monotonic()}`));
    const cancelled = clock.after(2500, () => seen.push('cancelled'));
    clock.after(1500, () => cancelled.cancel());
    clock.after(9000, () => seen.push(`d ${clock.monotonic()}`));
  });
  await until(bench, 500);
  machine.pause();
  await until(bench, 5000);
  expect(seen).toEqual([]);
  machine.resume();
  await until(bench, 20_000);
  expect(seen).toEqual(['a 5000', 'b 5000', 'c 5000', 'd 9000']);
});

test('a program killed during a pause stays dead', async () => {
  const bench = new Bench(crypto);
  const seen: number[] = [];
  const machine = bench.run('n1', ticking(seen));
  await until(bench, 1);
  machine.pause();
  await until(bench, 5 * SECOND);
  machine.kill();
  machine.resume();
  await until(bench, 9 * SECOND);
  expect(seen).toEqual([0]);
});

test('clocks drift and jump each on their own', async () => {
  const bench = new Bench(crypto);
  const clocks: Clock[] = [];
  const fast = bench.run('n1', ({ clock }) => void clocks.push(clock));
  const jumpy = bench.run('n2', ({ clock }) => void clocks.push(clock));
  fast.clock.drift(1000);
  await until(bench, 10 * SECOND);
  jumpy.clock.jump(-3 * SECOND);
  expect(clocks.map((clock) => clock.wall() - EPOCH)).toEqual([10_010_000, 7 * SECOND]);
  expect(clocks.map((clock) => clock.monotonic())).toEqual([10_010_000, 10 * SECOND]);
  const fired: number[] = [];
  clocks[0]!.after(SECOND, () => fired.push(bench.world.now, clocks[0]!.monotonic()));
  await until(bench, 12 * SECOND);
  expect(fired).toEqual([10_999_001, 11_010_000]);
});

test('monotonic time begins at the start of a program and never goes back', async () => {
  const bench = new Bench(crypto);
  const seen: number[] = [];
  const machine = bench.run('n1', ({ clock }) => void seen.push(clock.monotonic()));
  await until(bench, 5 * SECOND);
  machine.clock.drift(-500);
  machine.kill();
  machine.restart();
  await until(bench, 6 * SECOND);
  expect(seen).toEqual([0, 0]);
});

test('work queues when all cores are busy, first come first served', async () => {
  const bench = new Bench(crypto);
  const machine = bench.machine('n1', { cores: 2, costs: new Map([['hash', 100]]) });
  const done: string[] = [];
  machine.start(({ cpu, clock }) => {
    for (const [name, units] of [
      ['a', 3],
      ['b', 1],
      ['c', 1],
      ['d', 1],
    ] as const) {
      void Promise.resolve(cpu.spend('hash', units)).then(() => done.push(`${name} ${clock.monotonic()}`));
    }
    expect(cpu.spend('unknown')).toBeUndefined();
  });
  await nodePump(bench.world, () => false);
  expect(done).toEqual(['b 100', 'c 200', 'a 300', 'd 300']);
  expect(machine.cores.busy).toBe(600);
});
