import { MILLISECOND } from '../../core/runtime.ts';
import { expect, kv, OwnWrites, scenario, uniform } from '../../sim/story.ts';

/**
 * One standby reads the database that the active node writes, the other a replica that has it late. Both remember what
 * they have read, and are told what to forget: with the index of an answer nobody gets anything older than that.
 */
scenario(
  'over PostgreSQL nobody reads with an index what is older than that index',
  { minimum: { acknowledged: 100 } },
  async (sim) => {
    const lag = uniform(5 * MILLISECOND, 300 * MILLISECOND);
    const bao = await sim.cluster({ nodes: 3, storage: 'postgresql', replica: { nodes: ['n3'], lag } });
    await bao.mount('secret', 'kv-v2');
    if (sim.world.random('story').below(2) === 0) bao.database.latency = uniform(100, 5 * MILLISECOND);
    await sim.eventually('10s', 'all serve reads', () => bao.readers.length === 2);
    const own = new OwnWrites({ clients: 6, keys: 3, every: '20ms' });
    bao.workload(own);
    bao.workload(kv.putAndGet({ clients: 4, keys: 4, every: '40ms', balance: 'random' }));
    await sim.run('8s');
    expect(own.reads).toBeAtLeast(400);
    expect(own.refused).toBeAtLeast(10);
  },
);
