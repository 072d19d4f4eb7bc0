import { expect, kv, scenario } from '../../sim/story.ts';

/** Operators in a hurry: two nodes join at once, two leave at once, over a slow network, and leaders are lost on the way. */
scenario(
  'members that come and go at once do so one after the other',
  { minimum: { acknowledged: 300, faults: 6, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, spares: 2, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 4, keys: 20, every: '100ms', timeout: '2s' }));
    const slowly = () => {
      for (const follower of bao.followers) sim.network.clog(bao.leader, follower, '20ms', '60ms');
    };
    const joining = ['n4', 'n5'];
    for (const name of joining) bao.start(name);
    await sim.run('1s');
    slowly();
    const leader = `http://${bao.address(bao.leader)}`;
    const join = (name: string) => bao.request('PUT', 'sys/storage/raft/join', { leader_api_addr: leader }, name);
    await Promise.all(joining.map(join));
    for (const name of joining) bao.enlist(name);
    sim.network.heal();
    await bao.ready();

    const leaving = bao.followers.filter((name) => !joining.includes(name));
    for (const name of leaving) bao.kill(name);
    slowly();
    const remove = (name: string) => bao.request('POST', 'sys/storage/raft/remove-peer', { server_id: name });
    await Promise.all(leaving.map(remove));
    for (const name of leaving) bao.dismiss(name);
    sim.network.heal();
    await bao.ready();

    // A change that its leader could tell nobody of never was.
    const alone = bao.leader;
    sim.network.isolate(alone);
    void bao.ask('POST', 'sys/storage/raft/remove-peer', { node: alone, body: { server_id: bao.followers[0]! } });
    await sim.run('8s');
    sim.network.heal();
    await bao.ready();
    await sim.run('2s');

    const old = bao.leader;
    bao.kill(old);
    await sim.run('10s');
    expect(bao.leader === old).toBe(false);
    bao.restart(old);
    await bao.ready();
    await sim.eventually('30s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
