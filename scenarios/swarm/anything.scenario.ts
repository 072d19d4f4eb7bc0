import { kv, scenario, settings, tokens } from '../../sim/story.ts';

/**
 * Whatever breaks, in whatever order: what was acknowledged stays, nobody sees what never was, and once enough of it
 * is whole again the cluster goes on. The checkers judge; the story only stirs.
 */
scenario(
  'whatever breaks, the promises hold and the cluster comes back',
  { minimum: { acknowledged: 20, faults: 1 }, unknown: 100 },
  async (sim) => {
    const dice = sim.world.random('story');
    const bao = await sim.cluster({
      nodes: dice.pick([3, 3, 5]),
      storage: 'raft',
      multiplier: 1,
      seal: dice.pick(['static', 'shamir']),
      settings: dice.pick([
        {},
        { trailing_logs: 10, snapshot_threshold: 10, snapshot_interval: 1 },
        { trailing_logs: 2, snapshot_threshold: 20, snapshot_interval: 3 },
      ]),
    });
    await bao.mount('secret', 'kv-v2');
    const keys = dice.pick([2, 10]);
    bao.workload(kv.putAndGet({ clients: 4, keys, every: '120ms', cas: dice.pick([0, 50]), timeout: '2s' }));
    bao.workload(settings({ every: '400ms' }));
    bao.workload(tokens({ clients: 2, every: '300ms' }));
    for (const at of ['6s', '14s']) sim.at(at, 'rotate', () => bao.rotate());
    const machines = sim.nemesis(bao, {
      name: 'machines',
      kinds: [
        'kill',
        'power loss',
        'pause',
        'crash point',
        'crash point',
        'blackout',
        'clock jump',
        'slow disk',
        'disk stall',
        'cold pages',
      ],
      every: '1500ms',
      lasting: '2s',
    });
    const network = sim.nemesis(bao, {
      name: 'network',
      kinds: ['isolate', 'partition', 'one way', 'bridge', 'clog', 'bad network', 'reset', 'step down'],
      every: '2s',
      lasting: '3s',
    });
    await sim.run('20s');
    machines.stop();
    network.stop();
    await sim.progress(bao, '120s');
    sim.network.heal();
    await bao.heal();
    await bao.ready();
  },
);
