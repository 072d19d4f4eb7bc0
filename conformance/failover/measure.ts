/**
 * Measures failovers of a real cluster by the procedure of the recorded data: one cluster for all trials of a row, the
 * milliseconds from the fault to the first write that a survivor acknowledges. Prints one JSON object.
 *
 *   node conformance/failover/measure.ts kill 5 60      (fault, multiplier, trials)
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RealCluster, removeFolder, type RealNode } from '../cluster.ts';
import { baoProgram } from '../program.ts';

export type FailoverFault = 'kill' | 'stop' | 'stepdown';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function measure(
  fault: FailoverFault,
  multiplier: number,
  trials: number,
  version = '2.7.2',
): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-failover-'));
  const cluster = await RealCluster.start({ program: await baoProgram(version), folder, multiplier });
  const times: number[] = [];
  try {
    await cluster.nodes[0]!.request('POST', 'sys/mounts/kv', { token: cluster.token, body: { type: 'kv' } });
    for (let trial = 0; trial < trials; trial += 1) {
      const leader = await cluster.healthy(180_000);
      await pause(1_500 + Math.random() * 500);
      times.push(await trialOf(cluster, leader, fault));
      process.stderr.write(`${fault} x${multiplier} ${trial + 1}/${trials}: ${times.at(-1)} ms\n`);
    }
  } finally {
    await cluster.stop();
    await removeFolder(folder);
  }
  return times;
}

async function trialOf(cluster: RealCluster, leader: RealNode, fault: FailoverFault): Promise<number> {
  const survivors = cluster.nodes.filter((node) => node !== leader);
  const started = performance.now();
  if (fault === 'kill') leader.signal('SIGKILL');
  if (fault === 'stop') leader.signal('SIGSTOP');
  // The writes do not wait for its answer: some are taken before the leader lets go.
  if (fault === 'stepdown') void leader.request('PUT', 'sys/step-down', { token: cluster.token });
  const took = Math.round(await firstWrite(cluster, fault === 'stepdown' ? cluster.nodes : survivors, started));
  if (fault === 'kill') {
    await pause(200);
    leader.start();
  }
  if (fault === 'stop') leader.signal('SIGCONT');
  if (fault === 'stepdown') await pause(11_000);
  return took;
}

async function firstWrite(cluster: RealCluster, nodes: readonly RealNode[], started: number): Promise<number> {
  for (let turn = 0; ; turn += 1) {
    const node = nodes[turn % nodes.length]!;
    const { status } = await node.request('PUT', 'kv/failover', { token: cluster.token, body: { turn }, timeout: 300 });
    if (status === 204) return performance.now() - started;
    if (performance.now() - started > 120_000) throw new Error('no write was acknowledged within two minutes');
    await pause(10);
  }
}

if (import.meta.main) {
  const [fault, multiplier, trials] = process.argv.slice(2);
  const times = await measure(fault as FailoverFault, Number(multiplier), Number(trials));
  process.stdout.write(`${JSON.stringify({ fault, multiplier: Number(multiplier), times })}\n`);
}
