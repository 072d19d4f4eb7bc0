import { ActiveWatch, expect, kv, scenario } from '../../sim/story.ts';

/**
 * Source: hashicorp/vault issue 9692 (2020) and bank-vaults/vault-operator issue 480 (2024). The power fails in the whole
 * room. Each node comes back sealed, one that somebody opens is not a cluster, and nobody is active until there are
 * keys for a quorum: an outage as long as it takes to find those who hold them.
 */
scenario(
  'after a power failure a cluster with shares stays away until a quorum of it has been opened',
  { minimum: { acknowledged: 50, faults: 3, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1, seal: 'shamir' });
    await bao.mount('secret', 'kv-v2');
    const active = new ActiveWatch(sim, bao);
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 10, every: '500ms', timeout: '2s' }));
    await sim.run('5s');
    const nodes = sim.world.random('who is found first').shuffle(bao.names);
    for (const name of nodes) bao.losePower(name);
    await sim.run('10s');
    for (const name of nodes) bao.restart(name);
    await sim.run('2m');
    const health = async (name: string): Promise<number | undefined> => await bao.operator.health(bao.address(name));
    for (const name of nodes) expect(await health(name)).toBe(503);

    const [first, second, third] = nodes as [string, string, string];
    await bao.operator.unseal(bao.address(first), bao.keys.shares);
    await sim.run('2m');
    expect(await health(first)).toBe(429);
    expect(active.vacancies.length).toBe(1);
    expect(active.vacancies[0]!.until).toBe(undefined);

    await bao.operator.unseal(bao.address(second), bao.keys.shares);
    await sim.until('one of the two is active', () => bao.isActive(first) || bao.isActive(second), 50_000, 30_000_000);
    expect(active.longest).toBeAtLeast(4 * 60_000_000);
    expect(await health(third)).toBe(503);
    await bao.operator.unseal(bao.address(third), bao.keys.shares);
    await bao.ready();
    await sim.run('5s');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
