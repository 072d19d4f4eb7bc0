import { expect, kv, scenario } from '../../sim/story.ts';

/**
 * Two of three machines are gone for good. The operator tells the third with raft/peers.json that it is alone now; it
 * serves all that was acknowledged, and new machines join it.
 */
scenario(
  'a node that lost its quorum for good is told by peers.json that it is alone',
  { minimum: { acknowledged: 200, faults: 3, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, spares: 1 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 10, every: '100ms', timeout: '2s' }));
    await sim.run('5s');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    const { leader: last } = bao;
    for (const name of bao.followers) {
      bao.kill(name);
      bao.dismiss(name);
    }
    await sim.run('30s');
    expect((await bao.ask('PUT', 'secret/data/x', { node: last, body: { data: {} } })).status === 200).toBe(false);
    bao.kill(last);
    bao.disk(last).write('raft/peers.json', 'not yet');
    bao.restart(last);
    await sim.run('10s');
    // A file that cannot be read leaves the node sealed; it tries again every 5 s.
    expect((await bao.ask('GET', 'sys/health', { node: last })).status).toBe(503);
    bao.disk(last).write('raft/peers.json', `[{"id":"${last}","address":"${last}:8201"}]`);
    await sim.eventually('20s', 'it serves alone', () => bao.isActive(last));
    await sim.run('5s');
    bao.start('n4');
    await sim.run('1s');
    await bao.request('PUT', 'sys/storage/raft/join', { leader_api_addr: `http://${bao.address(last)}` }, 'n4');
    bao.enlist('n4');
    await bao.ready();
    await sim.run('5s');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
