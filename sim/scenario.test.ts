import { setImmediate as macrotask } from 'node:timers';
import { describe, expect, test } from 'vitest';
import { nodePump, portablePump } from '../host/pump.ts';
import { portableCrypto } from '../core/crypto/portable.ts';
import { CapsuleError, printCapsule, readCapsule } from './capsule.ts';
import { crashPoint } from './crash-point.ts';
import { expect as expectStory } from './expect.ts';
import { type RunOptions, type RunResult, runScenario } from './run.ts';
import { type Scenario, scenario, takeScenarios } from './scenario.ts';
import { toy, type ToyBugs } from './toy.fixture.ts';
import { kv } from './workloads/kv.ts';

const crypto = portableCrypto();

function run(story: Scenario, seed = 1, bugs: ToyBugs = {}, options: Partial<RunOptions> = {}): Promise<RunResult> {
  return runScenario(story, seed, { pump: nodePump, crypto, nodeFactory: toy(bugs), standard: false, ...options });
}

const messages = ({ violations }: RunResult): string[] =>
  violations.map(({ checker, message }) => `${checker}: ${message}`);

const restarted = scenario(
  'a restarted server still has every acknowledged write',
  { minimum: { acknowledged: 300, faults: 2, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 5, keys: 4, every: '50ms' }));
    sim.at('2s', 'kill the leader', () => bao.kill('n1'));
    sim.at('4s', 'start it again', () => bao.restart('n1'));
    sim.at('6s', 'cut the power', () => bao.losePower('n1'));
    sim.at('8s', 'power on', () => bao.restart('n1'));
    await sim.run('12s');
    await sim.eventually('5s', 'the replicas agree', () => bao.digests().size === 1);
    expectStory(history).toBeLinearizable();
  },
);

describe('a story', () => {
  test('passes when all it expects comes true, and says what it did', async () => {
    const result = await run(restarted);
    expect(messages(result)).toEqual([]);
    expect(result.verdict).toBe('passed');
    expect(result.summary.acknowledged).toBeGreaterThan(300);
    expect(result.summary).toMatchObject({ faults: 2, faultsThatBit: 2, elections: 2 });
    expect(result.faults.map(({ what, nodes, at, until }) => [what, nodes, until! - at])).toEqual([
      ['kill the leader', ['n1'], 2_000_000],
      ['cut the power', ['n1'], 2_000_000],
    ]);
    expect(result.simulatedSeconds).toBeGreaterThan(12);
    expect(result.requests).toBeGreaterThan(result.summary.acknowledged);
    expect(result.nodes).toEqual(['n1', 'n2', 'n3']);
  });

  test('ends at its first violation where that is all one wants to know', async () => {
    const checkers: RunOptions['checkers'] = (_, verdicts) => [
      {
        name: 'nodes have no state',
        observe: ({ at, event }) => {
          if (event.kind === 'node.state') verdicts.report('nodes have no state', at, 'there is one');
        },
        finish: () => verdicts.report('nodes have no state', 0, 'the story is over'),
      },
    ];
    const whole = await run(restarted, 1, {}, { checkers });
    const cut = await run(restarted, 1, {}, { checkers, untilViolation: true });
    expect(messages(whole).length).toBeGreaterThan(1);
    expect(messages(cut)).toEqual(['nodes have no state: there is one']);
    expect(cut.duration).toBe(cut.violations[0]!.at);
    expect(cut.duration).toBeLessThan(whole.duration);
    const passed = await run(restarted, 1, {}, { untilViolation: true });
    expect(passed.hash).toBe((await run(restarted)).hash);
  });

  test('finds the lost write of a server that forgets to sync', async () => {
    const results = await Promise.all([1, 2, 3].map((seed) => run(restarted, seed, { forgetsSync: true })));
    expect(results.some((result) => messages(result).some((message) => message.includes('not linearizable')))).toBe(
      true,
    );
    expect(results.some(({ summary }) => summary.bytesLost > 0)).toBe(true);
  });

  test('fails when a node panics, and names it', async () => {
    const result = await run(restarted, 1, { panicsAt: 20 });
    expect(messages(result)[0]).toContain('no panics: n1: Error: assertion failed: toy');
    expect(result.verdict).toBe('failed');
  });

  test('fails below the minimum it declares', async () => {
    const idle = scenario('nothing happens', { minimum: { acknowledged: 1, faults: 1 } }, async (sim) => {
      await sim.cluster({ nodes: 1 });
      sim.atLeast({ elections: 5 });
      sim.network.isolate('n1');
      await sim.run('1s');
    });
    expect(messages(await run(idle))).toEqual([
      'minimum: only 0 of 1 operations acknowledged',
      'minimum: only 0 of 1 faults that bit',
      'minimum: only 0 of 5 elections',
    ]);
  });

  test('fails when too much stays unknown outside of faults', async () => {
    const impatient = scenario('clients give up at once', async (sim) => {
      const bao = await sim.cluster({ nodes: 1 });
      bao.workload(kv.putAndGet({ clients: 2, keys: 1, every: '20ms', timeout: '1ms', reads: 0 }));
      await sim.run('2s');
    });
    const result = await run(impatient);
    expect(messages(result)).toEqual([
      expect.stringMatching(/^minimum: \d+ of \d+ operations outside of faults are unknown$/),
    ]);
  });

  test('does not hold it against a story that a fault met an operation under way', async () => {
    const cut = scenario('a kill in the middle of everything', async (sim) => {
      const bao = await sim.cluster({ nodes: 1 });
      bao.workload(kv.putAndGet({ clients: 8, keys: 1, every: '1ms', reads: 0 }));
      await sim.run('20ms');
      bao.kill('n1');
      bao.restart('n1');
      await bao.ready();
      await sim.run('50ms');
    });
    const result = await run(cut);
    expect(result.summary.unknown).toBeGreaterThan(0);
    expect(result.summary.quietUnknown).toBe(0);
  });

  test('fails with what it waited for', async () => {
    const hopeful = scenario('two nodes lead', async (sim) => {
      const bao = await sim.cluster({ nodes: 3 });
      await sim.eventually('2s', 'n2 leads', () => bao.leader === 'n2');
    });
    expect(messages(await run(hopeful))).toEqual(['story: not within 2 s: n2 leads']);
  });

  test('fails when something timed goes wrong, when it takes too long, and when it waits for ever', async () => {
    const broken = scenario('a fault without a target', async (sim) => {
      const bao = await sim.cluster({ nodes: 1 });
      sim.at('1s', 'kill the second node', () => bao.kill('n2'));
      await sim.run('2s');
    });
    expect(messages(await run(broken))[0]).toContain('n2 is a node of the cluster');
    const endless = scenario('it never ends', { limit: '10s' }, async (sim) => {
      for (;;) await sim.run('1s');
    });
    expect(messages(await run(endless))).toEqual(['story: not over after 10 s']);
    const stuck = scenario('it waits for nothing', () => new Promise(() => {}));
    expect(messages(await run(stuck))).toEqual(['story: it waits, and nothing is left to happen']);
  });
});

test('a cluster sealed by shares comes up when its operator has given enough of them to each node', async () => {
  const shamir = scenario('shamir', async (sim) => {
    const bao = await sim.cluster({ nodes: 3, seal: 'shamir' });
    expectStory(bao.keys.shares.length).toBe(4);
    expectStory(bao.leader).toBe('n1');
    expectStory((await bao.ask('GET', 'sys/health', { node: 'n3' })).status).toBe(429);
    expectStory((await bao.ask('GET', 'secret/data/none')).status).toBe(404);
    bao.kill('n2');
    expectStory((await bao.ask('GET', 'sys/health', { node: 'n2' })).status).toBe(0);
    expectStory(bao.followers.join()).toBe('n3');
  });
  expect(messages(await run(shamir))).toEqual([]);
});

test('random faults leave an honest server without a violation, and bite', async () => {
  const swarm = scenario('a swarm', async (sim) => {
    const bao = await sim.cluster({ nodes: 3 });
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 3, every: '50ms', timeout: '3s' }));
    const nemesis = sim.nemesis(bao, { every: '2s', lasting: '3s' });
    await sim.run('60s');
    nemesis.stop();
    await sim.run('10s');
    expectStory(history).toBeLinearizable();
  });
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const result = await run(swarm, seed);
    expect(messages(result)).toEqual([]);
    expect(result.summary.faultsThatBit).toBeGreaterThan(3);
  }
}, 60_000);

test('a crash that is called off does not come after all', async () => {
  const story = scenario('called off', async (sim) => {
    const bao = await sim.cluster({ nodes: 3 });
    const stream = sim.world.random('points');
    for (let turn = 0; turn < 20; turn++) {
      bao.kill('n2');
      bao.restart('n2');
      // It strikes a little after the node's first word, or would.
      const told = new Promise<void>((resolve) => sim.world.onTrace(() => resolve()));
      const callOff = crashPoint(sim, bao, stream, ['node.state']);
      await told;
      callOff();
      await sim.sleep(5_000);
      expectStory(bao.machine('n2').state).toBe('running');
    }
  });
  expect(messages(await run(story))).toEqual([]);
});

test('progress is demanded of a random quorum while the rest stays broken', async () => {
  const cores: string[] = [];
  const story = scenario('progress', async (sim) => {
    const bao = await sim.cluster({ nodes: 3 });
    bao.pause('n1');
    bao.losePower('n2');
    sim.network.isolate('n1');
    const core = await sim.progress(bao, '20s');
    cores.push(core.join(' '));
    expectStory(core.length).toBe(2);
  });
  const results = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((seed) => run(story, seed)));
  for (const result of results) {
    // Only n1 takes writes in a toy cluster, so that a quorum without it is rightly found stuck.
    const stuck = /^story: not within 20 s: the quorum (n2 n3|n3 n2) takes a write$/;
    if (result.verdict === 'failed') expect(messages(result)[0]).toMatch(stuck);
  }
  expect(cores.length).toBeGreaterThan(0);
  expect(cores.every((core) => core.includes('n1'))).toBe(true);
});

describe('a run', () => {
  test('is the same for the same seed, and another for another', async () => {
    const [a, b, c] = [await run(restarted, 7), await run(restarted, 7), await run(restarted, 8)];
    expect(b).toEqual(a);
    expect(c.hash).not.toBe(a.hash);
  });

  test('is the same on both pumps', async () => {
    const pump = portablePump((turn) => void macrotask(turn));
    expect((await run(restarted, 3, {}, { pump })).hash).toBe((await run(restarted, 3)).hash);
  });

  test('shows where it parts from another', async () => {
    const [honest, hasty] = [
      await run(restarted, 5, {}, { hashLog: true }),
      await run(restarted, 5, { forgetsSync: true }, { hashLog: true }),
    ];
    const first = honest.hashLog!.firstDifference(hasty.hashLog!)!;
    expect(honest.hashLog!.event(first).process).toBe('n1');
  });

  test('lets checkers see every trace record and the end', async () => {
    const seen = { records: 0, operations: 0, wire: 0 };
    const result = await run(
      restarted,
      1,
      {},
      {
        checkers: (simulation, verdicts) => {
          simulation.network.network.tap(() => seen.wire++);
          return [
            {
              name: 'curious',
              observe: () => void seen.records++,
              finish: ({ operations, now }) => {
                seen.operations = operations.length;
                verdicts.report('curious', now, 'finished');
              },
            },
          ];
        },
      },
    );
    expect(seen.records).toBeGreaterThan(500);
    expect(seen.wire).toBe(result.summary.messages);
    expect(seen.operations).toBe(result.operations.length);
    expect(messages(result)).toEqual(['curious: finished']);
  });

  test('goes into a capsule and out again, unless the capsule is damaged or from another version', async () => {
    const result = await run(restarted);
    const text = printCapsule(result, '1.2.3', 'a.scenario.ts', { noble: true });
    expect(readCapsule(text, '1.2.3')).toEqual({
      steamer: '1.2.3',
      file: 'a.scenario.ts',
      scenario: restarted.name,
      seed: 1,
      hash: result.hash,
      verdict: 'passed',
      options: { noble: true },
    });
    expect(() => readCapsule(text, '1.2.4')).toThrow(
      new CapsuleError('the capsule is from version 1.2.3, this is 1.2.4'),
    );
    expect(() => readCapsule('{', '1')).toThrow('the capsule is not JSON');
    expect(() => readCapsule('{"steamer":"1"}', '1')).toThrow('the capsule has no file');
  });
});

test('stories are found in the order in which they are told', () => {
  takeScenarios();
  const first = scenario('one', async () => {});
  const second = scenario('two', { limit: '1m' }, async () => {});
  expect(takeScenarios()).toEqual([first, second]);
  expect(takeScenarios()).toEqual([]);
});
