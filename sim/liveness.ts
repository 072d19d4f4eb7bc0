/**
 * Safety with random faults is half of the promise; the other half is progress. At the end of a swarm only a random
 * quorum is made whole, everything else stays as broken as it is, and the cluster has to serve writes again.
 */
import { parseDuration } from '../core/codec/duration.ts';
import { type Micros, MILLISECOND } from '../core/runtime.ts';
import type { Cluster } from './cluster.ts';
import type { Simulation } from './simulation.ts';

const TRY: Micros = 250 * MILLISECOND;

/** Heals a random quorum among itself, keeps the others cut off, and demands that a write through the quorum succeeds. */
export async function demandProgress(
  simulation: Simulation,
  cluster: Cluster,
  within: string,
): Promise<readonly string[]> {
  const { network } = simulation;
  const nodes = simulation.world.random('liveness').shuffle(cluster.names);
  const core = nodes.slice(0, Math.floor(nodes.length / 2) + 1);
  const rest = nodes.slice(core.length);
  network.heal();
  if (rest.length > 0) network.partition(core, rest);
  for (const name of core) {
    const machine = cluster.machine(name);
    cluster.disk(name).mend();
    if (machine.state === 'paused') cluster.resume(name);
    else if (machine.state !== 'running') cluster.restart(name);
  }
  const writes = async (): Promise<boolean> => {
    await cluster.unsealAll();
    for (const node of core) {
      const body = { data: { value: 'progress' } };
      if ((await cluster.ask('POST', 'secret/data/progress', { node, body })).status === 200) return true;
    }
    return false;
  };
  await simulation.until(`the quorum ${core.join(' ')} takes a write`, writes, TRY, parseDuration(within));
  return core;
}
