import type { Cluster } from '../../sim/cluster.ts';
import type { Simulation } from '../../sim/simulation.ts';

/** Until the node is open; one that comes after a migration opens by itself, or by plain shares. */
export async function giveShares(sim: Simulation, bao: Cluster, name: string): Promise<void> {
  const status = async () => (await bao.ask('GET', 'sys/seal-status', { node: name })).json;
  await sim.eventually('1m', `${name} has its storage`, async () => (await status())['initialized'] === true);
  const migrating = (await status())['migration'] === true;
  for (const key of bao.keys.shares) {
    const given = await bao.ask('PUT', 'sys/unseal', { node: name, body: { key, migrate: migrating } });
    if (given.json['sealed'] === false) return;
  }
}
