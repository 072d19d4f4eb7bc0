/** How a cluster comes up: the steps an operator takes, over the API. */
import { type Micros, MILLISECOND, MINUTE } from '../core/runtime.ts';
import type { Cluster } from './cluster.ts';
import type { Keys } from './operator.ts';
import type { Simulation } from './simulation.ts';

const POLL: Micros = 250 * MILLISECOND;
const PATIENCE: Micros = 10 * MINUTE;

/** Initialises the first node, unseals all, and waits until they are a cluster. The nodes have been started. */
export async function bringUp(simulation: Simulation, cluster: Cluster): Promise<Keys> {
  const { operator } = cluster;
  const first = cluster.address('n1');
  const auto = !cluster.wantsShares;
  const until = (what: string, condition: () => Promise<boolean>): Promise<void> =>
    simulation.until(what, condition, POLL, PATIENCE);

  await until('the first node answers', async () => (await operator.health(first)) !== undefined);
  const keys = await operator.init(first, auto, cluster.options.shares);
  operator.token = keys.rootToken;
  if (!auto) await operator.unseal(first, keys.shares);
  await gather(simulation, cluster, keys);
  return keys;
}

/** The first node is open, or opens by itself: the others follow it. */
export async function gather(simulation: Simulation, cluster: Cluster, { shares }: Keys): Promise<void> {
  const { operator, names } = cluster;
  const auto = !cluster.wantsShares;
  const until = (what: string, condition: () => Promise<boolean>): Promise<void> =>
    simulation.until(what, condition, POLL, PATIENCE);

  // On storage that they share the others may open it, too, as soon as it is there.
  const any = cluster.options.storage === 'postgresql' ? names : ['n1'];
  await until(`one of ${any.join(', ')} is active`, async () => {
    for (const name of any) if ((await operator.health(cluster.address(name))) === 200) return true;
    return false;
  });
  for (const name of auto ? [] : names.slice(1)) {
    const address = cluster.address(name);
    await until(`${name} has joined`, async () => (await operator.health(address)) === 503);
    await operator.unseal(address, shares);
  }
  await allReady(simulation, cluster);
}

/** Waits until one node is active, the others stand by, and all are voters. */
export function allReady(simulation: Simulation, cluster: Cluster): Promise<void> {
  const { operator, names, options } = cluster;
  const ready = async (): Promise<boolean> => {
    const states = [];
    for (const name of names) states.push(await operator.health(cluster.address(name)));
    if (states.filter((status) => status === 200).length !== 1) return false;
    if (states.filter((status) => status === 429).length !== names.length - 1) return false;
    if (options.storage !== undefined && options.storage !== 'raft') return true;
    return (await operator.voters(cluster.address(names[states.indexOf(200)]!))) === names.length;
  };
  return simulation.until('one node is active and all are voters', ready, POLL, PATIENCE);
}
