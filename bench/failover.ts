/** What a whole failover trial takes: simulated with all checkers, and on a cluster of real servers. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RealCluster, removeFolder } from '../conformance/cluster.ts';
import { baoProgram } from '../conformance/program.ts';
import { SECOND } from '../core/runtime.ts';
import { nodeCrypto } from '../host/crypto.ts';
import { kv } from '../sim/workloads/kv.ts';
import { median } from './median.ts';
import type { Bench, Row } from './row.ts';
import { tell } from './simulated.ts';

const SEEDS = 9;
const GIVE_UP_MS = 120_000;

interface Trial {
  /** From nothing to a cluster that serves. */
  readonly setUpMs: number;
  /** From there to the verdict; the real one has none and ends with the first acknowledged write. */
  readonly trialMs: number;
}

/** One client at ten requests a second; the leader is killed, and the trial ends when another acknowledged a write. */
async function simulated(seed: number): Promise<Trial> {
  const started = performance.now();
  let up = 0;
  await tell('a failover', seed, nodeCrypto(), async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'raft' });
    await bao.mount('secret', 'kv-v2');
    up = performance.now();
    const { operations } = bao.workload(kv.putAndGet({ clients: 1, keys: 5, every: '100ms', timeout: '2s' }));
    await sim.run('2s');
    const killed = sim.world.now;
    bao.kill(bao.leader);
    const written = () =>
      operations.some(({ kind, outcome, invoked }) => kind === 'put' && outcome === 'ok' && invoked > killed);
    await sim.until('a new leader takes writes', written, 50_000, 120 * SECOND);
  });
  return { setUpMs: up - started, trialMs: performance.now() - up };
}

/** The same on three real processes: a client that tries ten times a second. */
async function real(program: string): Promise<Trial> {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-bench-'));
  const started = performance.now();
  const cluster = await RealCluster.start({ program, folder });
  try {
    const up = performance.now();
    const leader = await cluster.healthy();
    await leader.request('POST', 'sys/mounts/kv', { token: cluster.token, body: { type: 'kv' } });
    await pause(2_000);
    leader.signal('SIGKILL');
    const survivors = cluster.nodes.filter((node) => node !== leader);
    for (let turn = 0; ; turn += 1) {
      const node = survivors[turn % survivors.length]!;
      const { status } = await node.request('PUT', 'kv/failover', {
        token: cluster.token,
        body: { turn },
        timeout: 300,
      });
      if (status === 204) return { setUpMs: up - started, trialMs: performance.now() - up };
      if (performance.now() - up > GIVE_UP_MS) throw new Error('the real cluster took no write within two minutes');
      await pause(100);
    }
  } finally {
    await cluster.stop();
    await removeFolder(folder);
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const row = (what: string, ours: number, value: number): Row => ({
  what,
  unit: 'ms',
  ours,
  beside: { name: 'bao 2.7.2', value },
});

export const failover: Bench = {
  name: 'failover',
  about: 'a whole failover trial with its checks, beside one of a real cluster',
  async run(print) {
    const trials: Trial[] = [];
    await simulated(0);
    for (let seed = 1; seed <= SEEDS; seed += 1) trials.push(await simulated(seed));
    const theirs = await real(await baoProgram());
    const trial = row('failover trial with its checks', median(trials.map(({ trialMs }) => trialMs)), theirs.trialMs);
    print({ ...trial, budget: { value: 100 } });
    print(row('bringing its cluster up', median(trials.map(({ setUpMs }) => setUpMs)), theirs.setUpMs));
  },
};
