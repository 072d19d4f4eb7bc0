import { MILLISECOND, MINUTE } from '../core/runtime.ts';
import type { Cluster } from './cluster.ts';
import type { Simulation } from './simulation.ts';

/** Somebody gives the shares to one sealed node, as soon as it takes them. */
export async function openNode(simulation: Simulation, cluster: Cluster, node: string): Promise<void> {
  const { operator } = cluster;
  const address = cluster.address(node);
  const takes = async (): Promise<boolean> => (await operator.health(address)) === 503;
  await simulation.until(`${node} takes shares`, takes, 50 * MILLISECOND, MINUTE);
  await operator.unseal(address, cluster.keys.shares);
}
