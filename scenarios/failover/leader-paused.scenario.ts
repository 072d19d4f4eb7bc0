import { expect, kv, scenario } from '../../sim/story.ts';

/** SIGSTOP: its kernel still accepts connections, so that peers and clients wait where a killed process refuses. */
scenario(
  'a leader that stood still for a while comes back as a follower',
  { minimum: { acknowledged: 200, faults: 1, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'raft' });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 5, keys: 20, every: '100ms', timeout: '2s' }));
    const paused = bao.leader;
    sim.at('10s', 'stop the leader', () => bao.pause(paused));
    sim.at('40s', 'let it go on', () => bao.resume(paused));
    await sim.run('60s');
    expect(bao.leader === paused).toBe(false);
    await bao.ready();
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
