import { ActiveWatch, expect, kv, scenario } from '../../sim/story.ts';

/**
 * The disk of a node is full for a minute. A leader that cannot keep an entry steps down, another takes its place, and
 * what cannot grow follows without keeping anything; no node ends. With room it catches up by itself.
 */
scenario(
  'a node whose disk is full lives on, leads no longer, and catches up when there is room',
  { minimum: { acknowledged: 200, faults: 2, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.mount('secret', 'kv-v2');
    const active = new ActiveWatch(sim, bao);
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 10, every: '100ms', timeout: '2s' }));
    await sim.run('5s');
    const { leader } = bao;
    bao.disk(leader).fill();
    await sim.until('another leads', () => bao.names.some((n) => n !== leader && bao.isActive(n)), 50_000, 60_000_000);
    await sim.run('1m');
    expect(bao.machine(leader).state).toBe('running');
    expect(active.longest).toBeAtMost(20_000_000);

    // A vote that it has to give, and a term that it has to keep, find room.
    bao.kill(bao.leader);
    await sim.run('1m');
    expect(bao.machine(leader).state).toBe('running');
    bao.disk(leader).mend();
    await bao.heal();
    await bao.ready();
    await sim.run('5s');
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
