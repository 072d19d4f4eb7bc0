import { SECOND } from '../../core/runtime.ts';
import { expect, kv, scenario, SMALL_FILES } from '../../sim/story.ts';

/** The power fails when a file has its new name and its folder does not know for good: nothing promised hangs on that. */
scenario(
  'a name that a power loss took from its folder is missed by nobody',
  { minimum: { acknowledged: 20, faults: 2 }, unknown: 100 },
  async (sim) => {
    const bao = await sim.cluster({
      nodes: 3,
      multiplier: 1,
      files: SMALL_FILES,
      settings: { trailing_logs: 5, snapshot_threshold: 5, snapshot_interval: 1 },
    });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 5, every: '60ms', reads: 20, timeout: '2s' }));
    const lost = (): number => [...bao.disks.values()].reduce((all, { statistics }) => all + statistics.namesLost, 0);
    const deaths = sim.nemesis(bao, {
      kinds: ['crash point'],
      points: ['disk.rename'],
      every: '500ms',
      lasting: '2s',
    });
    await sim.run('10s');
    await sim.until('a name is lost', () => lost() > 0, SECOND, 300 * SECOND);
    deaths.stop();
    await bao.heal();
    await bao.ready();
    await sim.eventually('20s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
