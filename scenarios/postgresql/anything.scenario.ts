import { kv, OwnWrites, scenario, settings, tokens, uniform } from '../../sim/story.ts';

/** Whatever breaks: nodes, what is between them, the database. Nobody goes back in time, and nothing stale stays. */
scenario(
  'whatever breaks over PostgreSQL, the promises hold and the cluster comes back',
  { minimum: { acknowledged: 20, faults: 2 }, unknown: 100 },
  async (sim) => {
    const dice = sim.world.random('story');
    const replica = { nodes: ['n3'], lag: uniform(1_000, 500_000) };
    const bao = await sim.cluster({ nodes: 3, storage: 'postgresql', ...dice.pick([{}, { replica }]) });
    await bao.mount('secret', 'kv-v2');
    bao.workload(kv.putAndGet({ clients: 4, keys: 4, every: '200ms', balance: 'random', timeout: '2s' }));
    bao.workload(new OwnWrites({ clients: 3, keys: 2, every: '150ms' }));
    bao.workload(settings({ every: '500ms' }));
    bao.workload(tokens({ clients: 2, every: '400ms' }));
    sim.at('8s', 'rotate', () => bao.rotate());
    const machines = sim.nemesis(bao, {
      name: 'machines',
      kinds: ['kill', 'power loss', 'pause', 'clock jump'],
      every: '6s',
      lasting: '8s',
    });
    const network = sim.nemesis(bao, {
      name: 'network',
      kinds: ['isolate', 'partition', 'one way', 'clog', 'bad network', 'reset', 'step down'],
      every: '3s',
      lasting: '4s',
    });
    sim.at('15s', 'the database is away', () => bao.database.down());
    sim.at(dice.pick(['16s', '20s']), 'the database is back', () => bao.database.up());
    if (dice.below(2) === 0) sim.at('25s', 'its clock jumps', () => bao.database.jumpClock('20s'));
    await sim.run('40s');
    machines.stop();
    network.stop();
    sim.network.heal();
    await bao.heal();
    await bao.ready();
    await sim.eventually('60s', 'all serve reads', () => bao.readers.length === 2);
  },
);
