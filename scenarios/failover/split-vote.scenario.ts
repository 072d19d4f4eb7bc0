import { expect, kv, scenario } from '../../sim/story.ts';

/**
 * Of four nodes all that are left have to agree, and news takes as long as a candidate waits: two stand at the same
 * time, each has a vote, and neither wins.
 */
scenario(
  'where votes are split a later term has a leader, and nothing is lost',
  { minimum: { acknowledged: 20, faults: 4, elections: 1 }, unknown: 100 },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 4, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 4, keys: 2, every: '150ms', cas: 50, timeout: '3s' }));
    const standing = new Map<number, Set<string>>();
    const won = new Set<number>();
    sim.world.onTrace(({ node, event }) => {
      if (event.kind !== 'raft.state') return;
      if (event.state === 'leader') won.add(event.term);
      if (event.state === 'candidate')
        standing.set(event.term, (standing.get(event.term) ?? new Set<string>()).add(node));
    });
    const lost = (): number =>
      [...standing].filter(([term, nodes]) => nodes.size > 1 && term < Math.max(...won) && !won.has(term)).length;
    await sim.run('5s');
    for (const [index, a] of bao.names.entries())
      for (const b of bao.names.slice(index + 1)) sim.network.clog(a, b, '50ms', '250ms');
    for (let turn = 0; turn < 3 || (lost() === 0 && turn < 40); turn++) {
      const killed = bao.leader;
      bao.kill(killed);
      await sim.until('another leads', () => bao.names.some((name) => bao.isLatestActive(name)), 100_000, 600_000_000);
      bao.restart(killed);
      await sim.run('10s');
    }
    expect(lost()).toBeAtLeast(1);
    sim.network.heal();
    await bao.ready();
    await sim.eventually('20s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
