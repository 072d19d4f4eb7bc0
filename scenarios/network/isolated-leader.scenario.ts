import { expect, kv, scenario } from '../../sim/story.ts';

/** No write that a client saw acknowledged may vanish when an old leader returns. */
scenario(
  'an isolated leader loses no acknowledged write',
  { minimum: { acknowledged: 200, faults: 1, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'raft', multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 5, keys: 20, every: '50ms', timeout: '2s' }));
    sim.at('10s', 'isolate the leader', () => sim.network.isolate(bao.leader));
    sim.at('20s', 'heal', () => sim.network.heal());
    await sim.run('30s');
    await sim.eventually('15s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
