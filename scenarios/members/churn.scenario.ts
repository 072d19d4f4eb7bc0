import { expect, expectSuccession, kv, scenario } from '../../sim/story.ts';

/**
 * Operators in a hurry: two nodes join at once while another is away, which hears of them by a snapshot, two leave at
 * once, over a slow network, and leaders are lost after it.
 */
scenario(
  'members that come and go at once do so one after the other',
  { minimum: { acknowledged: 300, faults: 6, elections: 2 } },
  async (sim) => {
    const settings = { trailing_logs: 5, snapshot_threshold: 5, snapshot_interval: 1 };
    const bao = await sim.cluster({ nodes: 3, spares: 2, multiplier: 1, settings });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 4, keys: 20, every: '100ms', timeout: '2s' }));
    const slowly = () => {
      for (const follower of bao.followers) sim.network.clog(bao.leader, follower, '20ms', '60ms');
    };
    const joining = ['n4', 'n5'];
    const away = bao.followers[1]!;
    const caughtUp = sim.count(
      ({ node, event }) => node === away && event.kind === 'raft.snapshot' && event.what === 'installed',
    );
    for (const name of joining) bao.start(name);
    bao.kill(away);
    await sim.run('1s');
    slowly();
    const leader = `http://${bao.address(bao.leader)}`;
    const join = (name: string) => bao.request('PUT', 'sys/storage/raft/join', { leader_api_addr: leader }, name);
    await Promise.all(joining.map(join));
    for (const name of joining) bao.enlist(name);
    sim.network.heal();
    const voters = () => bao.operator.voters(bao.address(bao.leader));
    await sim.eventually('60s', 'both have a vote', async () => (await voters()) === 5);
    await sim.run('3s');
    bao.restart(away);
    await sim.eventually('60s', 'it has a snapshot', () => caughtUp() > 0);
    await bao.ready();
    // It takes part before it leaves.
    await sim.run('1s');

    const leaving = bao.followers.filter((name) => !joining.includes(name));
    for (const name of leaving) bao.kill(name);
    slowly();
    const remove = (name: string) => bao.request('POST', 'sys/storage/raft/remove-peer', { server_id: name });
    await Promise.all(leaving.map(remove));
    for (const name of leaving) bao.dismiss(name);
    sim.network.heal();
    await bao.ready();

    sim.network.isolate(bao.leader);
    await sim.run('8s');
    sim.network.heal();
    await bao.ready();
    await sim.eventually('30s', 'it has heard of the others', () => bao.digests().size === 1);

    await expectSuccession(sim, bao, '10s');
    expect(history).toBeLinearizable();
  },
);
