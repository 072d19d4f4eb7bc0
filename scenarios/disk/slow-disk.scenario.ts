import { expect, kv, scenario } from '../../sim/story.ts';

/**
 * On the real server heartbeats and replication do not wait for the log's fsync: a leader whose syncs take 300 ms
 * answers writes after 1.2 s, stays leader, and stays healthy (docs/decisions/0003-slow-disks.md).
 */
scenario(
  'a slow disk makes the leader slow and does not unseat it',
  { minimum: { acknowledged: 50, faults: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'raft' });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 5, keys: 20, every: '200ms', timeout: '60s' }));
    const { leader } = bao;
    const elections = sim.count(({ event }) => event.kind === 'raft.state' && event.state === 'leader');
    sim.at('5s', 'the leader’s disk is 300 times as slow', () => bao.disk(leader).slow(300));
    sim.at('40s', 'its disk is well again', () => bao.disk(leader).mend());
    await sim.run('60s');
    expect(bao.leader).toBe(leader);
    expect(elections()).toBe(0);
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
