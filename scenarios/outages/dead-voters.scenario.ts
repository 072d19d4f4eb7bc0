import { ActiveWatch, expect, kv, scenario } from '../../sim/story.ts';

/**
 * Source: canonical/vault-k8s-operator issue 88 (2023), openbao/openbao issue 2275 (2025). A node comes back under
 * another name or address, and nobody removes what it was before: three of three run, but four have a vote. The next
 * one that is away, which three nodes should bear, takes the quorum with it.
 */
scenario(
  'a dead voter that nobody removed makes the loss of one node an outage',
  { minimum: { acknowledged: 100, faults: 3, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, spares: 1, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const active = new ActiveWatch(sim, bao);
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 10, every: '200ms', timeout: '2s' }));
    await sim.run('5s');
    const voters = (): Promise<number> => bao.operator.voters(bao.address(bao.leader));
    const [gone, next] = bao.followers as [string, string];
    bao.kill(gone);
    bao.dismiss(gone);
    bao.start('n4');
    await sim.run('2s');
    await bao.request('PUT', 'sys/storage/raft/join', { leader_api_addr: `http://${bao.address(bao.leader)}` }, 'n4');
    bao.enlist('n4');
    await sim.until('four have a vote', async () => (await voters()) === 4, 250_000, 60_000_000);
    expect(active.longest).toBe(0);

    bao.kill(next);
    await sim.run('30s');
    expect(bao.names.filter((name) => bao.isActive(name)).length).toBe(0);
    expect(active.longest).toBeAtLeast(25_000_000);

    bao.restart(next);
    await sim.until('one is active again', () => bao.names.some((name) => bao.isActive(name)), 50_000, 30_000_000);
    await sim.run('2s');
    await bao.request('POST', 'sys/storage/raft/remove-peer', { server_id: gone });
    await bao.ready();
    expect(await voters()).toBe(3);

    // Now it bears what three nodes should.
    const before = active.vacancies.length;
    const [another] = bao.followers as [string];
    bao.kill(another);
    await sim.run('10s');
    expect(active.vacancies.length).toBe(before);
    bao.restart(another);
    await bao.ready();
    await sim.run('5s');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
