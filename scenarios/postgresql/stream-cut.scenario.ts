import { kv, OwnWrites, scenario, settings, tokens } from '../../sim/story.ts';

/**
 * What a standby is not told while it does not hear the active node, it must not remember for good: be the silence short
 * or so long that the connection is given up, be the connection broken, or the database away on top of it.
 */
scenario(
  'a standby that was not told of changes for a while does not keep what they changed',
  { minimum: { acknowledged: 100, faults: 4 }, unknown: 20 },
  async (sim) => {
    const dice = sim.world.random('story');
    const bao = await sim.cluster({ nodes: 3, storage: 'postgresql' });
    await bao.mount('secret', 'kv-v2');
    await sim.eventually('10s', 'all serve reads', () => bao.readers.length === 2);
    bao.workload(kv.putAndGet({ clients: 3, keys: 8, every: '150ms', balance: 'random', timeout: '2s' }));
    bao.workload(new OwnWrites({ clients: 3, keys: 2, every: '100ms' }));
    bao.workload(settings({ every: '400ms' }));
    bao.workload(tokens({ clients: 2, every: '300ms' }));
    const cut = (standby: string): void => sim.network.partition([bao.leader], [standby]);
    await sim.run('1s');
    cut(bao.followers[0]!);
    await sim.run('4s');
    sim.network.heal();
    await sim.run('1s');
    sim.network.reset(bao.leader, dice.pick(bao.followers));
    await sim.run('2s');
    cut(dice.pick(bao.followers));
    await sim.run('35s');
    sim.network.heal();
    await sim.run('2s');
    cut(dice.pick(bao.followers));
    bao.database.down();
    await sim.run('1s');
    bao.database.up();
    await sim.run('3s');
    sim.network.heal();
    await bao.ready();
    await sim.eventually('60s', 'all serve reads again', () => bao.readers.length === 2);
  },
);
