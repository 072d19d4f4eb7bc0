import type { Cluster } from './cluster.ts';
import type { Simulation } from './simulation.ts';

/** A death that waits for its moment; `node` is who died. */
export interface Death {
  readonly node: string | undefined;
}

/** Kills the leader when it writes such a key for the n-th time from now on: what it writes then never leaves it. */
export function killAtWrite(simulation: Simulation, cluster: Cluster, key: RegExp, nth = 1): Death {
  const death: { node: string | undefined } = { node: undefined };
  let writes = 0;
  simulation.world.onTrace(({ node, event }) => {
    if (death.node !== undefined || event.kind !== 'storage.write' || !key.test(event.key)) return;
    if (node !== cluster.leader || ++writes < nth) return;
    death.node = node;
    cluster.kill(node);
  });
  return death;
}
