import { kv, scenario, SMALL_FILES } from '../../sim/story.ts';

const ROUNDS = 6;
/** What of a node's files a write of the log goes to. */
const LOG = /\.wal$/;

/**
 * A write of the log, or its sync, fails, of the leader or of who follows it, and the node lives on: what it could not
 * keep it has not promised, and what it writes after it is there when its power has failed.
 */
scenario(
  'a write of the log that fails takes nothing with it that was promised',
  { minimum: { acknowledged: 50, faults: ROUNDS } },
  async (sim) => {
    const dice = sim.world.random('failed writes');
    const bao = await sim.cluster({ nodes: 3, multiplier: 1, files: SMALL_FILES });
    await bao.mount('secret', 'kv-v2');
    bao.workload(kv.putAndGet({ clients: 3, keys: 5, every: '40ms', reads: 20, timeout: '2s' }));
    for (let round = 0; round < ROUNDS; round++) {
      await sim.run('500ms');
      const node = dice.pick([bao.leader, ...bao.followers]);
      const disk = bao.disk(node);
      const { failures } = disk.disk.statistics;
      disk.failOnce(dice.pick(['write', 'sync']), LOG);
      // A leader asks one that was away less and less often.
      await sim.until('it has failed', () => disk.disk.statistics.failures > failures, 1_000, 60_000_000);
      await sim.run(`${dice.between(20, 1_500)}ms`);
      disk.mend();
      if (dice.below(2) === 0) bao.losePower(node);
      else bao.kill(node);
      await sim.run('300ms');
      bao.restart(node);
      await bao.ready();
    }
  },
);
