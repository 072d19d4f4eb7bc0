/** How fast simulated clusters live: at rest, and under load with all checkers. */
import type { Crypto } from '../core/crypto/crypto.ts';
import { portableCrypto } from '../core/crypto/portable.ts';
import { SECOND } from '../core/runtime.ts';
import { nodeCrypto } from '../host/crypto.ts';
import { nodePump } from '../host/pump.ts';
import { openbao } from '../sim/openbao.ts';
import { RaftBench } from '../sim/raft-bench.ts';
import { runScenario } from '../sim/run.ts';
import type { Story } from '../sim/scenario.ts';
import { kv } from '../sim/workloads/kv.ts';
import { median } from './median.ts';
import { cpuOf } from './process.ts';
import type { Bench } from './row.ts';

const ROUNDS = 3;
const REST_SECONDS = 1_000;
const WARM_UP_SECONDS = 20;

/** Tells a story to its end; throws when it fails. */
export async function tell(name: string, seed: number, crypto: Crypto, body: Story): Promise<void> {
  const options = { nodeFactory: openbao, crypto, pump: nodePump, logs: false };
  const { violations } = await runScenario({ name, options: {}, body }, seed, options);
  if (violations.length > 0) throw new Error(`${name}: ${violations[0]!.checker}: ${violations[0]!.message}`);
}

/** Simulated seconds a CPU-second of the stretch of a story between bringing the cluster up and judging it. */
async function pace(seconds: number, crypto: Crypto, clients: number, seed: number): Promise<number> {
  let took = 0;
  await tell('a stretch of time', seed, crypto, async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'raft' });
    await bao.mount('secret', 'kv-v2');
    if (clients > 0) bao.workload(kv.putAndGet({ clients, keys: 50, every: '100ms', balance: 'active' }));
    await sim.run(`${WARM_UP_SECONDS}s`);
    took = (await cpuOf(() => sim.run(`${seconds}s`))).seconds;
  });
  return seconds / took;
}

/** The same for three raft nodes without servers around them. */
async function raftPace(): Promise<number> {
  const bench = new RaftBench(portableCrypto(), { performanceMultiplier: 5 });
  const run = (seconds: number) => {
    const end = bench.now + seconds * SECOND;
    return nodePump(bench.bench.world, () => bench.bench.world.nextTime > end);
  };
  await run(60);
  return REST_SECONDS / (await cpuOf(() => run(REST_SECONDS))).seconds;
}

async function rounds(measure: (seed: number) => Promise<number>): Promise<number> {
  const taken: number[] = [];
  for (let seed = 1; seed <= ROUNDS; seed += 1) taken.push(await measure(seed));
  return median(taken);
}

const unit = 'simulated s a CPU-second';

export const idle: Bench = {
  name: 'idle',
  about: 'a cluster of three at rest, beside the same raft nodes without servers',
  async run(print) {
    const crypto = nodeCrypto();
    const mine: number[] = [];
    const peer: number[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      mine.push(await pace(REST_SECONDS, crypto, 0, round));
      peer.push(await raftPace());
    }
    print({
      what: 'three nodes, at rest',
      unit,
      ours: median(mine),
      beside: { name: 'raft alone', value: median(peer) },
      budget: { value: 3_000, atLeast: true, goal: 10_000 },
    });
  },
};

export const busy: Bench = {
  name: 'busy',
  about: '100 requests a second with all checkers, on either cryptography',
  async run(print) {
    const node = await rounds((seed) => pace(30, nodeCrypto(), 10, seed));
    const noble = await rounds((seed) => pace(10, portableCrypto(), 10, seed));
    // A real cluster needs a second for a second.
    const beside = { name: 'real time', value: 1 };
    const what = 'three nodes, 100 requests a second';
    print({ what, unit, ours: node, beside, budget: { value: 20, atLeast: true, goal: 100 } });
    print({ what: `${what}, noble`, unit, ours: noble, beside });
  },
};
