import { expect, kv, scenario } from '../../sim/story.ts';

/** The leader still hears its followers, but they no longer hear it: it has to give up, or nobody else can lead. */
scenario(
  'a leader that nobody hears gives way',
  { minimum: { acknowledged: 200, faults: 1, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'raft', multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 5, keys: 20, every: '50ms', timeout: '2s' }));
    const mute = bao.leader;
    sim.at('10s', 'mute the leader', () => sim.network.oneWay(mute, bao.followers));
    sim.at('30s', 'heal', () => sim.network.heal());
    await sim.run('29s');
    expect(bao.leader === mute).toBe(false);
    await sim.run('15s');
    await sim.eventually('15s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
