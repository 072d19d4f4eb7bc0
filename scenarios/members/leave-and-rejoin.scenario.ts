import { expect, expectSuccession, kv, scenario } from '../../sim/story.ts';

/** A machine is replaced: its node is removed, another joins, gets a vote, and carries the cluster, also when the leader goes. */
scenario(
  'a node is removed, and another that joins takes its place',
  { minimum: { acknowledged: 300, faults: 2, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, spares: 1 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 5, keys: 20, every: '100ms', timeout: '2s' }));
    const [gone] = bao.followers;
    await sim.run('3s');
    bao.kill(gone!);
    await bao.request('POST', 'sys/storage/raft/remove-peer', { server_id: gone! });
    bao.dismiss(gone!);
    bao.start('n4');
    await sim.run('1s');
    const leader = `http://${bao.address(bao.leader)}`;
    await bao.request('PUT', 'sys/storage/raft/join', { leader_api_addr: leader }, 'n4');
    bao.enlist('n4');
    await bao.ready();
    await expectSuccession(sim, bao, '40s');

    // Who leads and is to leave says so to the others, and leads no more.
    const left = bao.leader;
    await bao.request('POST', 'sys/storage/raft/remove-peer', { server_id: left });
    await sim.run('1s');
    bao.kill(left);
    bao.dismiss(left);
    await sim.run('40s');
    await bao.ready();
    expect(history).toBeLinearizable();
  },
);
