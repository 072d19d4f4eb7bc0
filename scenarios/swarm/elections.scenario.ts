import { kv, scenario } from '../../sim/story.ts';

/** Elections over and over, and voters that die while they vote: no term may ever see two leaders. */
scenario(
  'voters that die while they vote forget nothing',
  { minimum: { acknowledged: 20, faults: 4, elections: 2 }, unknown: 100 },
  async (sim) => {
    const dice = sim.world.random('story');
    const bao = await sim.cluster({ nodes: dice.pick([3, 4, 5]), storage: 'raft', multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    bao.workload(kv.putAndGet({ clients: 2, keys: 3, every: '200ms', timeout: '1s' }));
    const voters = sim.nemesis(bao, {
      name: 'voters',
      kinds: ['crash point'],
      points: ['raft.vote', 'raft.state', 'raft.truncate'],
      every: '300ms',
      lasting: '3s',
    });
    const leaders = sim.nemesis(bao, {
      name: 'leaders',
      kinds: ['isolate', 'bridge', 'one way', 'step down', 'partition'],
      every: '1s',
      lasting: '4s',
    });
    await sim.run('40s');
    voters.stop();
    leaders.stop();
    await sim.progress(bao, '120s');
    sim.network.heal();
    await bao.heal();
    await bao.ready();
  },
);
