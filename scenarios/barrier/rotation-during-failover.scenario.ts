import { expect, kv, scenario } from '../../sim/story.ts';

/** The new barrier key is either everywhere or nowhere, and nothing written under either becomes unreadable. */
scenario(
  'a key rotation that is cut short by a failover leaves everything readable',
  { minimum: { acknowledged: 100, faults: 1, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'raft', multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 5, keys: 20, every: '100ms', timeout: '2s' }));
    await sim.run('5s');
    const killed = bao.leader;
    const rotated = bao.ask('PUT', 'sys/rotate', { node: killed });
    sim.at(`${sim.world.random('rotation').below(6000)}us`, 'kill the leader during a rotation', () =>
      bao.kill(killed),
    );
    await rotated;
    await sim.run('20s');
    bao.restart(killed);
    await bao.ready();
    const status = await bao.ask('GET', 'sys/key-status');
    expect(status.status).toBe(200);
    expect((await bao.ask('PUT', 'sys/rotate')).status).toBe(204);
    await sim.run('5s');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
