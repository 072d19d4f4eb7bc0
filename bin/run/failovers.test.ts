import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { milestones } from '../../conformance/failover/milestones.ts';
import { nodeCrypto } from '../../host/crypto.ts';
import { nodePump } from '../../host/pump.ts';
import { judge } from '../../reports/fidelity.ts';
import { measureFailovers } from '../../sim/failover.ts';
import { openbao } from '../../sim/openbao.ts';
import { runScenario } from '../../sim/run.ts';
import { scenario } from '../../sim/scenario.ts';
import { playFailovers } from './failovers.ts';

const recorded = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../conformance/recordings/${name}`, import.meta.url), 'utf8'));

interface Kill {
  readonly milestones: readonly (readonly [ms: number, milestone: string])[];
}

test('what survivors of a killed leader log comes in the order of three real kills', async () => {
  const { kills } = recorded('milestones-2.7.2.json') as { kills: Record<string, readonly Kill[]> };
  const began: { readonly leader: string; readonly at: number }[] = [];
  const story = scenario('kills', { limit: '1h' }, async (sim) => {
    const plan = { fault: 'kill', multiplier: 1, trials: 25 } as const;
    await measureFailovers(sim, { ...plan, began: (leader, at) => began.push({ leader, at }) });
  });
  const { logs } = await runScenario(story, 1, { pump: nodePump, crypto: nodeCrypto(), nodeFactory: openbao });
  const seen = began.map(({ leader, at }, index) =>
    milestones(
      logs.filter((said) => said.at >= at && said.at < (began[index + 1]?.at ?? Infinity) && said.node !== leader),
    ).join(', '),
  );
  for (const kill of kills['1']!) expect(seen).toContain(kill.milestones.map(([, milestone]) => milestone).join(', '));
});

test('failovers take about as long as real ones', async () => {
  const { quiet, shared } = recorded('failover-2.7.2.json') as Record<
    'quiet' | 'shared',
    Record<string, Record<string, number[]>>
  >;
  const rows = [];
  for (const [fault, trials] of [
    ['kill', 30],
    ['stop', 40],
    ['stepdown', 30],
  ] as const) {
    const ours = await playFailovers({ fault, multiplier: 1, trials, seed: 1 });
    rows.push({ fault, multiplier: 1, ours, real: [...quiet['1']![fault]!, ...(shared['1']![fault] ?? [])] });
  }
  for (const { interval, ourMedian, p, fast } of judge(rows)) {
    // So few trials prove little: `steamer fidelity` does.
    expect(ourMedian).toBeGreaterThan(interval[0] * 0.85);
    expect(ourMedian).toBeLessThan(interval[1] * 1.15);
    expect(p).toBeGreaterThan(0.0005);
    if (fast !== undefined) expect(fast.ours).toBeGreaterThan(0);
  }
});

test('a restart of the leader has two modes: a write that hangs where it is sealed, and one that the next leader takes', async () => {
  const times = await playFailovers({ fault: 'restart', multiplier: 1, trials: 12, seed: 1 });
  // 2.7.2: 50–154 and 313–337, with little in between.
  expect(times.filter((time) => time < 130).length).toBeGreaterThan(2);
  expect(times.filter((time) => time > 300 && time < 340).length).toBeGreaterThan(2);
});

test('a follower that was away for ten seconds has what it missed when the lane of its leader tries again', async () => {
  const real = (recorded('failover-2.7.2.json') as { crowded: Record<string, Record<string, number[]>> }).crowded;
  const times = await playFailovers({ fault: 'rejoin', multiplier: 1, trials: 8, seed: 1 });
  expect(times).toHaveLength(8);
  for (const time of times) {
    expect(time).toBeGreaterThan(Math.min(...real['1']!['rejoin']!) * 0.8);
    expect(time).toBeLessThan(Math.max(...real['1']!['rejoin']!) * 1.2);
  }
});

test('a leader that its followers do not hear, or that does not hear them, is replaced when a real one is', async () => {
  const real = (recorded('failover-2.7.2.json') as { idle: Record<string, Record<string, number[]>> }).idle;
  const rows = await Promise.all(
    (['mute', 'deaf'] as const).map(async (fault) => ({
      multiplier: 1,
      fault,
      real: real['1']![fault]!,
      ours: await playFailovers({ fault, multiplier: 1, trials: 25, seed: 2 }),
    })),
  );
  for (const { told } of judge(rows)) expect(told).toBe(false);
});

test('a leader that is terminated, or that seals, makes way as one that is restarted does', async () => {
  for (const fault of ['terminate', 'seal'] as const) {
    const times = await playFailovers({ fault, multiplier: 1, trials: 12, seed: 1 });
    // 2.7.2: 14–145 and 261–324.
    expect(times.filter((time) => time < 150).length).toBeGreaterThan(2);
    expect(times.filter((time) => time > 300 && time < 340).length).toBeGreaterThan(2);
  }
});

test('two of three that die and come back, and a leader of five, cost what they cost the real cluster', async () => {
  const real = (recorded('failover-2.7.2.json') as { crowded: Record<string, Record<string, number[]>> }).crowded;
  const ours = await playFailovers({ fault: 'twodown', multiplier: 1, trials: 25, seed: 1 });
  const kills = await playFailovers({ fault: 'kill5', multiplier: 1, trials: 25, seed: 1 });
  const rows = [
    { fault: 'twodown', multiplier: 1, ours, real: real['1']!['twodown']! },
    { fault: 'kill5', multiplier: 1, ours: kills, real: real['1']!['kill5']! },
  ];
  for (const { interval, ourMedian, p } of judge(rows)) {
    expect(ourMedian).toBeGreaterThan(interval[0] * 0.85);
    expect(ourMedian).toBeLessThan(interval[1] * 1.15);
    expect(p).toBeGreaterThan(0.0005);
  }
});
