import { expect, test } from 'vitest';
import { nodeCrypto } from '../host/crypto.ts';
import { nodePump } from '../host/pump.ts';
import { openbao } from '../sim/openbao.ts';
import { runScenario } from '../sim/run.ts';
import { scenario } from '../sim/scenario.ts';
import { kv } from '../sim/workloads/kv.ts';
import { readCluster } from './cluster-log.ts';
import { WAYS } from './deeds.ts';
import { inferFaults } from './faults.ts';
import { EPOCH, printed } from './printed.fixture.ts';

const KINDS = ['kill', 'terminate', 'pause', 'isolate', 'step-down', 'seal'] as const;
/** The first, and some that were once told wrongly. */
const SEEDS = [1, 2, 23, 71, 242];
/** A process that is killed goes on for a little. */
const LOOSE = 200_000;

// Nodes log what real ones do: what was done to simulated clusters has to be told as well.
test.each(SEEDS)('seed %d: two random faults are told by what the nodes logged at info', async (seed) => {
  const done: { readonly fault: string; readonly at: number }[] = [];
  const story = scenario('random faults', { limit: '24h', unknown: 100 }, async (sim) => {
    const dice = sim.world.random('random faults');
    const multiplier = dice.pick([1, 2, 5]);
    const bao = await sim.cluster({ nodes: dice.pick([3, 3, 5]), multiplier });
    await bao.mount('secret', 'kv-v2');
    if (dice.below(2) === 0) bao.workload(kv.putAndGet({ clients: 2, keys: 5, every: '300ms', timeout: '2s' }));
    await sim.run(`${10 * multiplier}s`);
    for (let round = 0; round < 2; round++) {
      const kind = dice.pick(KINDS);
      const { leader } = bao;
      const node = kind === 'step-down' || dice.below(2) === 0 ? leader : dice.pick(bao.followers);
      done.push({ fault: `${kind} ${node}${node === leader ? ', active' : ''}`, at: EPOCH + sim.world.now });
      for (const way of WAYS[kind].begin) void way.act(sim, bao, node);
      await sim.run(`${dice.between(5_000 * multiplier, 20_000 * multiplier)}ms`);
      for (const way of WAYS[kind].end) void way.act(sim, bao, node);
      await bao.ready();
      await sim.run(`${dice.between(10_000 * multiplier, 20_000 * multiplier)}ms`);
    }
  });
  const run = await runScenario(story, seed, { pump: nodePump, crypto: nodeCrypto(), nodeFactory: openbao });
  expect(run.violations).toEqual([]);
  const log = readCluster(printed(run));
  const faults = inferFaults(log, log.nodes[0]!.facts.multiplier!);
  expect(faults.map(({ kind, node, active }) => `${kind} ${node}${active ? ', active' : ''}`)).toEqual(
    done.map(({ fault }) => fault),
  );
  for (const [index, { at }] of done.entries()) {
    expect(faults[index]!.at.from - LOOSE).toBeLessThanOrEqual(at);
    expect(faults[index]!.at.to + LOOSE).toBeGreaterThanOrEqual(at);
  }
});

const TOGETHER = ['kill', 'terminate', 'pause'] as const;

test.each([1, 11, 17, 102])('seed %d: nodes that are struck together are told', async (seed) => {
  let done: string[] = [];
  const story = scenario('struck together', { limit: '24h', unknown: 100 }, async (sim) => {
    const dice = sim.world.random('struck together');
    const multiplier = dice.pick([1, 2, 5]);
    const bao = await sim.cluster({ nodes: dice.pick([3, 5]), multiplier });
    await bao.mount('secret', 'kv-v2');
    bao.workload(kv.putAndGet({ clients: 2, keys: 5, every: '300ms', timeout: '2s' }));
    await sim.run(`${10 * multiplier}s`);
    const kind = dice.pick(TOGETHER);
    const { leader } = bao;
    // Enough of them to take the quorum, the leader among them or not, and one at the least who can tell.
    const nodes = [...(dice.below(2) === 0 ? [leader] : []), ...bao.followers].slice(0, (bao.names.length >> 1) + 1);
    for (const node of nodes) for (const way of WAYS[kind].begin) void way.act(sim, bao, node);
    done = nodes.map((node) => `${kind} ${node}`);
    await sim.run(`${dice.between(12, 20) * multiplier}s`);
    for (const node of nodes) for (const way of WAYS[kind].end) void way.act(sim, bao, node);
    await bao.ready();
    await sim.run(`${10 * multiplier}s`);
  });
  const run = await runScenario(story, seed, { pump: nodePump, crypto: nodeCrypto(), nodeFactory: openbao });
  const log = readCluster(printed(run));
  const faults = inferFaults(log, log.nodes[0]!.facts.multiplier!);
  expect(faults.map(({ kind, node }) => `${kind} ${node}`).sort()).toEqual(done.sort());
});
