import type { Cluster } from './cluster.ts';
import { expect } from './expect.ts';
import type { Simulation } from './simulation.ts';

/** The leader is killed; throws StoryFailure unless another leads `within` that, and all agree once it is back. */
export async function expectSuccession(simulation: Simulation, cluster: Cluster, within: string): Promise<void> {
  const old = cluster.leader;
  cluster.kill(old);
  await simulation.run(within);
  expect(cluster.leader === old).toBe(false);
  cluster.restart(old);
  await cluster.ready();
  await simulation.eventually('30s', 'the replicas agree', () => cluster.digests().size === 1);
}
