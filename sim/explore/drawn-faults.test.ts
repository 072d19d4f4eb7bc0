import { expect, test } from 'vitest';
import { portableCrypto } from '../../core/crypto/portable.ts';
import { nodePump } from '../../host/pump.ts';
import { runScenario, type RunResult } from '../run.ts';
import { scenario, type Scenario } from '../scenario.ts';
import { toy } from '../toy.fixture.ts';
import { kv } from '../workloads/kv.ts';
import type { DrawnFault } from './drawn-faults.ts';

const crypto = portableCrypto();

function run(story: Scenario, seed: number, leftOut: readonly number[] = [], whole: readonly DrawnFault[] = []) {
  const without = leftOut.length === 0 ? {} : { without: { numbers: new Set(leftOut), whole } };
  return runScenario(story, seed, { pump: nodePump, crypto, nodeFactory: toy(), standard: false, ...without });
}

const swarm = scenario('two nemeses', async (sim) => {
  const bao = await sim.cluster({ nodes: 3 });
  bao.workload(kv.putAndGet({ clients: 1, keys: 2, every: '200ms', timeout: '1s' }));
  // Whether anybody leads, and so how much is drawn for a victim, depends on what else was done.
  sim.nemesis(bao, { name: 'a', kinds: ['kill', 'power loss', 'crash point'], every: '500ms', lasting: '2s' });
  sim.nemesis(bao, { name: 'b', kinds: ['pause', 'isolate', 'clock jump', 'swizzle'], every: '700ms', lasting: '1s' });
  await sim.run('20s');
});

const when = ({ number, what, at }: DrawnFault): string => `${number} ${what} ${at}`;
const faultsOf = ({ faults }: RunResult): string[] =>
  faults.map(({ number, what, at, nodes }) => `${number} ${what} ${at} ${nodes.join(' ')}`);

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'what is not left out comes when and as it came in the whole run, seed %i',
  async (seed) => {
    const whole = await run(swarm, seed);
    expect(whole.drawn.length).toBeGreaterThan(10);
    expect(whole.drawn.map(({ number }) => number)).toEqual(whole.drawn.map((_, index) => index + 1));
    for (const leftOut of [[1], [2, 5], [1, 2, 3, 4, 5, 6]]) {
      const left = await run(swarm, seed, leftOut, whole.drawn);
      expect(left.drawn.map(when)).toEqual(whole.drawn.filter(({ number }) => !leftOut.includes(number)).map(when));
      expect(left.faults.some(({ number }) => leftOut.includes(number!))).toBe(false);
      expect((await run(swarm, seed, leftOut, whole.drawn)).hash).toBe(left.hash);
    }
  },
);

test('up to what is left out a run is the whole one', async () => {
  const whole = await run(swarm, 1);
  const last = whole.drawn.length;
  const left = await run(swarm, 1, [last], whole.drawn);
  const before = (text: string): boolean => Number(text.split(' ')[0]) < last;
  expect(faultsOf(left).filter(before)).toEqual(faultsOf(whole).filter(before));
});

test('with all faults left out nothing happens, and nobody asks that something does', async () => {
  const whole = await run(swarm, 1);
  const all = whole.drawn.map(({ number }) => number);
  const strict: Scenario = { ...swarm, options: { minimum: { faults: 1 } } };
  const none = await run(strict, 1, all, whole.drawn);
  expect([none.faults, none.drawn, none.verdict]).toEqual([[], [], 'passed']);
});

test('of a timetable what is a fault can be left out, and has its number by when it came', async () => {
  const timetable = scenario('a timetable', async (sim) => {
    const bao = await sim.cluster({ nodes: 3 });
    sim.at('5s', 'stop another', () => bao.pause('n3'));
    sim.at('1s', 'say nothing', () => {});
    sim.at('2s', 'kill one', () => bao.kill('n2'));
    sim.at('4s', 'start it again', () => bao.restart('n2'));
    await sim.run('6s');
  });
  const whole = await run(timetable, 1);
  expect(whole.drawn.map(({ number, what }) => [number, what])).toEqual([
    [1, 'kill one'],
    [2, 'stop another'],
  ]);
  expect(whole.faults.map(({ number, what }) => [number, what])).toEqual([
    [1, 'kill one'],
    [2, 'stop another'],
  ]);
  const left = await run(timetable, 1, [1], whole.drawn);
  expect(left.faults.map(({ number, what }) => [number, what])).toEqual([[2, 'stop another']]);
});

test('a crash that waits for its moment has the number of what drew it', async () => {
  const story = scenario('crash points', async (sim) => {
    const bao = await sim.cluster({ nodes: 3 });
    bao.workload(kv.putAndGet({ clients: 1, keys: 2, every: '50ms', timeout: '1s' }));
    sim.nemesis(bao, { kinds: ['crash point'], points: ['disk.sync'], every: '1s', lasting: '4s' });
    await sim.run('20s');
  });
  const { faults, drawn } = await run(story, 1);
  expect(faults.length).toBeGreaterThan(0);
  for (const { number } of faults) expect(drawn.find((fault) => fault.number === number)?.what).toBe('crash point');
});
