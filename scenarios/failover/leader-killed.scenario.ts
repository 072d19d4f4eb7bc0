import { expect, kv, scenario } from '../../sim/story.ts';

/** The default multiplier of 5 makes the survivors patient: on a real cluster the median is 19 s. */
scenario(
  'a killed leader is replaced and no acknowledged write is lost',
  { minimum: { acknowledged: 200, faults: 1, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'raft' });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 5, keys: 20, every: '100ms', timeout: '2s' }));
    const killed = bao.leader;
    sim.at('10s', 'kill the leader', () => bao.kill(killed));
    await sim.run('45s');
    expect(bao.leader === killed).toBe(false);
    bao.restart(killed);
    await bao.ready();
    await sim.run('10s');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
