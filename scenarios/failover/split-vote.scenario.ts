import { expect, kv, scenario } from '../../sim/story.ts';

/** News takes longer than a candidate waits: some stand at the same time, and nobody gets a majority. */
scenario(
  'where votes are split the next term has a leader, and nothing is lost',
  { minimum: { acknowledged: 20, faults: 4, elections: 1 }, unknown: 100 },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 5, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 4, keys: 2, every: '150ms', cas: 50, timeout: '3s' }));
    const split = sim.count(({ event }) => event.kind === 'raft.vote' && event.reason === 'voted already');
    await sim.run('5s');
    for (const [index, a] of bao.names.entries())
      for (const b of bao.names.slice(index + 1)) sim.network.clog(a, b, '50ms', '250ms');
    for (let turn = 0; turn < 3 || (split() === 0 && turn < 40); turn++) {
      const killed = bao.leader;
      bao.kill(killed);
      await sim.until('another leads', () => bao.names.some((name) => bao.isLatestActive(name)), 100_000, 600_000_000);
      bao.restart(killed);
      await sim.run('10s');
    }
    expect(split()).toBeAtLeast(1);
    sim.network.heal();
    await bao.ready();
    await sim.eventually('20s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
