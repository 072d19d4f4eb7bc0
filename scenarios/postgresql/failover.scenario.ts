import { expect, kv, OwnWrites, scenario, tokens } from '../../sim/story.ts';

/**
 * The lock expires 15 s after its holder last renewed it. Till then, and until they have found the next one, standbys are
 * told nothing.
 */
scenario(
  'over PostgreSQL another node takes over under reads, and none of them goes back in time',
  { minimum: { acknowledged: 100, faults: 4 }, unknown: 30 },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, storage: 'postgresql' });
    await bao.mount('secret', 'kv-v2');
    await sim.eventually('10s', 'all serve reads', () => bao.readers.length === 2);
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 5, every: '200ms', timeout: '2s' }));
    const own = new OwnWrites({ clients: 6, keys: 2, every: '80ms' });
    bao.workload(own);
    bao.workload(tokens({ clients: 2, every: '400ms' }));
    await sim.run('1s');

    const killed = bao.leader;
    bao.kill(killed);
    await sim.run('18s');
    expect(bao.leader === killed).toBe(false);
    bao.restart(killed);
    await bao.ready();

    const paused = bao.leader;
    bao.pause(paused);
    await sim.run('18s');
    bao.resume(paused);
    await sim.run('1s');
    await bao.ready();

    await bao.stepDown();
    await sim.run('3s');

    const away = bao.leader;
    sim.network.partition([bao.database.name], [away]);
    await sim.run('30s');
    sim.network.heal();
    await bao.ready();
    await sim.eventually('60s', 'all serve reads again', () => bao.readers.length === 2);
    expect(own.reads).toBeAtLeast(100);
    expect(history).toBeLinearizable();
  },
);
