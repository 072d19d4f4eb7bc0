import { kv, scenario, SMALL_FILES } from '../../sim/story.ts';

/**
 * Nodes die, or lose their power, between two things that they make durable: of the log, whose segments are small, of
 * the state, which is rewritten all the time, of snapshots. They come back with all that they had promised.
 */
scenario(
  'nodes that die between two writes of their disks come back whole',
  { minimum: { acknowledged: 20, faults: 4 }, unknown: 100 },
  async (sim) => {
    const bao = await sim.cluster({
      nodes: 3,
      multiplier: 1,
      files: SMALL_FILES,
      settings: { trailing_logs: 5, snapshot_threshold: 5, snapshot_interval: 1 },
    });
    await bao.mount('secret', 'kv-v2');
    bao.workload(kv.putAndGet({ clients: 3, keys: 5, every: '60ms', reads: 20, timeout: '2s' }));
    const deaths = sim.nemesis(bao, {
      name: 'deaths',
      kinds: ['crash point'],
      points: ['disk.sync', 'disk.rename', 'raft.vote', 'raft.snapshot'],
      every: '300ms',
      lasting: '700ms',
    });
    const network = sim.nemesis(bao, { name: 'network', kinds: ['isolate'], every: '1s', lasting: '3s' });
    await sim.run('25s');
    deaths.stop();
    network.stop();
    await sim.progress(bao, '120s');
    sim.network.heal();
    await bao.heal();
    await bao.ready();
  },
);
