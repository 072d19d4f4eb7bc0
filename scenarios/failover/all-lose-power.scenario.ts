import { expect, kv, scenario } from '../../sim/story.ts';

/** What was acknowledged had been synced on a quorum, so that even the whole room's power may go. */
scenario(
  'all nodes lose power at once, and nothing acknowledged is lost',
  { minimum: { acknowledged: 500, faults: 3, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3 });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 10, keys: 20, every: '50ms', timeout: '2s' }));
    await sim.run('10s');
    for (const name of bao.names) bao.losePower(name);
    await sim.run('5s');
    for (const name of bao.names) bao.restart(name);
    await bao.ready();
    await sim.run('5s');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
