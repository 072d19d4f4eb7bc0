import { expect, LeaseWatch, makeTokens, scenario } from '../../sim/story.ts';

const COUNT = 400;

/** The leader dies while leases end: its successor finds all of them and ends each one once, none before its time. */
scenario(
  'leases that end while the leader dies are neither lost, nor early, nor revoked twice',
  { minimum: { faults: 1, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const watch = new LeaseWatch(sim, 'auth/token/create/');
    const first = sim.world.now;
    const made = await makeTokens(sim, bao, { clients: 8, count: COUNT, ttl: '60s' });
    const took = sim.world.now - first;
    expect(made.length).toBe(COUNT);
    expect(watch.begun).toBe(COUNT);
    // In the middle of their end.
    await sim.sleep(first + 60_000_000 + Math.floor(took / 2) - sim.world.now);
    bao.kill(bao.leader);
    expect(watch.ended).toBeAtMost(COUNT - 1);
    await sim.run('45s');
    watch.assertNoneEarlyOrTwice('60s');
    for (const token of made.slice(-20)) {
      for (const node of [bao.leader, ...bao.followers])
        expect((await bao.ask('GET', 'auth/token/lookup-self', { node, token })).status).toBe(403);
    }
    const left = await bao.ask('LIST', 'sys/leases/lookup/auth/token/create');
    expect(left.status).toBe(404);
  },
);
