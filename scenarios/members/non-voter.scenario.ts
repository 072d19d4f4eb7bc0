import { at } from '../../sim/client.ts';
import { expect, kv, scenario } from '../../sim/story.ts';

/** A permanent non-voter serves reads and never counts: with it alone left, nobody leads. */
scenario(
  'a non-voter follows and reads, and never votes',
  { minimum: { acknowledged: 200, faults: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, spares: 1 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 5, keys: 10, every: '100ms', timeout: '2s' }));
    bao.start('n4');
    await sim.run('1s');
    const leader = `http://${bao.address(bao.leader)}`;
    await bao.request('PUT', 'sys/storage/raft/join', { leader_api_addr: leader, non_voter: true }, 'n4');
    await sim.run('60s');
    const state = await bao.request('GET', 'sys/storage/raft/autopilot/state');
    expect(at(state, 'data', 'non_voters')).toContain('n4');
    await bao.request('POST', 'secret/data/seen', { data: { by: 'n4' } });
    const reads = async () => (await bao.ask('GET', 'secret/data/seen', { node: 'n4' })).status === 200;
    await sim.eventually('5s', 'the non-voter reads', reads);
    const voters = bao.names;
    const [first, second] = bao.followers.filter((name) => voters.includes(name));
    bao.kill(first!);
    bao.kill(second!);
    await sim.run('60s');
    const write = await bao.ask('POST', 'secret/data/seen', {
      node: 'n4',
      body: { data: { by: 'nobody' } },
      timeout: 2_000_000,
    });
    expect(write.status === 200).toBe(false);
    for (const name of [first!, second!]) bao.restart(name);
    await bao.ready();
    bao.enlist('n4');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
