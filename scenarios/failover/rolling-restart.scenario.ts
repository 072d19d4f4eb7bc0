import { expect, kv, scenario } from '../../sim/story.ts';

/** An upgrade in place: one node after the other, followers and leader alike. */
scenario(
  'a rolling restart of all nodes loses nothing',
  { minimum: { acknowledged: 300, faults: 3, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'raft' });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 5, keys: 20, every: '100ms', timeout: '2s' }));
    for (const node of [...bao.followers, bao.leader]) {
      await sim.run('5s');
      bao.kill(node);
      await sim.run('2s');
      bao.restart(node);
      await bao.ready();
    }
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
