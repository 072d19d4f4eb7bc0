/** Looking at what is true at once on the active node, and soon on the others. */
import { SECOND } from '../core/runtime.ts';
import type { Cluster } from './cluster.ts';
import { StoryFailure } from './failure.ts';
import type { Simulation } from './simulation.ts';

const LOOK = SECOND / 4;
/** A node that comes back may hear of its leader late: one that was away is asked less and less often. */
const PATIENCE = 20 * SECOND;

/**
 * Asks until nothing is wrong any more. Throws StoryFailure with what `wrong` says: at once where `node` is the active
 * one, after a while where it may still have to hear of it.
 */
export async function soonRight(
  simulation: Simulation,
  cluster: Cluster,
  node: string,
  wrong: () => Promise<string | undefined>,
): Promise<void> {
  const patience = node === cluster.leader ? 0 : PATIENCE;
  const end = simulation.world.now + patience;
  for (;;) {
    const what = await wrong();
    if (what === undefined) return;
    if (simulation.world.now >= end) throw new StoryFailure(`${node}: ${what}`);
    await simulation.sleep(LOOK);
  }
}
