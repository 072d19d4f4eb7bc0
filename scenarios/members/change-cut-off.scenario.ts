import { expect, expectSuccession, kv, scenario } from '../../sim/story.ts';

/** What its leader notes of a snapshot are members that were committed, whatever it has in its log besides. */
scenario(
  'a snapshot of who is alone knows no members that nobody else knows',
  { minimum: { faults: 2, elections: 1 } },
  async (sim) => {
    const settings = { snapshot_threshold: 1, snapshot_interval: 1 };
    const bao = await sim.cluster({ nodes: 3, multiplier: 1, settings });
    await bao.mount('secret', 'kv-v2');
    const alone = bao.leader;
    sim.network.isolate(alone);
    void bao.ask('POST', 'sys/storage/raft/remove-peer', { node: alone, body: { server_id: bao.followers[0]! } });
    await sim.run('3s');
    bao.kill(alone);
    bao.restart(alone);
    await sim.run('2s');
    sim.network.heal();
    await bao.ready();
    await bao.request('POST', 'secret/data/a', { data: { value: 'a' } });
    await sim.eventually('30s', 'it has heard so', () => bao.digests().size === 1);
  },
);

/** The log keeps the change until the leader is back among the others, who cut it off: by a snapshot it would be gone. */
scenario(
  'a change of members that its leader could tell nobody of never was',
  { minimum: { acknowledged: 150, faults: 2, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 4, keys: 20, every: '100ms', timeout: '2s' }));
    await sim.run('3s');
    const alone = bao.leader;
    sim.network.isolate(alone);
    void bao.ask('POST', 'sys/storage/raft/remove-peer', { node: alone, body: { server_id: bao.followers[0]! } });
    await sim.run('8s');
    sim.network.heal();
    await bao.ready();
    await sim.eventually('30s', 'it has heard so', () => bao.digests().size === 1);
    await expectSuccession(sim, bao, '10s');
    expect(history).toBeLinearizable();
  },
);
