import { expect, OwnWrites, scenario } from '../../sim/story.ts';

const ROUNDS = 3;

/**
 * The lock is valid by the database's clock. When that jumps another node takes it, and the one that had it, and those
 * whom it tells what it changes, find out last: they must not say that they know what the new one has written.
 */
scenario(
  'nobody vouches for an index once the lock is another node’s',
  { minimum: { faults: ROUNDS } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'postgresql' });
    await bao.mount('secret', 'kv-v2');
    const own = new OwnWrites({ clients: 8, keys: 2, every: '30ms' });
    bao.workload(own);
    for (let round = 1; round <= ROUNDS; round++) {
      await sim.eventually('30s', 'all serve reads', () => bao.readers.length === 2);
      await sim.run('500ms');
      bao.database.jumpClock('16s');
      await sim.run('6s');
      await bao.ready();
    }
    expect(own.reads).toBeAtLeast(100);
  },
);
