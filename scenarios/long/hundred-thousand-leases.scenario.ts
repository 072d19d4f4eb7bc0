import { expect, LeaseWatch, makeTokens, scenario } from '../../sim/story.ts';

const COUNT = 100_000;

/** As scenarios/leases/many-end-across-a-failover, at the size of a large installation. Takes minutes. */
scenario(
  'a hundred thousand leases that end while the leader dies are neither lost, nor early, nor revoked twice',
  { minimum: { faults: 1, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const watch = new LeaseWatch(sim, 'auth/token/create/');
    const first = sim.world.now;
    const made = await makeTokens(sim, bao, { clients: 16, count: COUNT, ttl: '1h' });
    const took = sim.world.now - first;
    expect(made.length).toBe(COUNT);
    expect(watch.begun).toBe(COUNT);
    // In the middle of their end.
    await sim.sleep(first + 3_600_000_000 + Math.floor(took / 2) - sim.world.now);
    bao.kill(bao.leader);
    expect(watch.ended).toBeAtMost(COUNT - 1);
    await sim.run('15m');
    watch.assertNoneEarlyOrTwice('1h');
    for (const token of made.slice(-20)) {
      for (const node of [bao.leader, ...bao.followers])
        expect((await bao.ask('GET', 'auth/token/lookup-self', { node, token })).status).toBe(403);
    }
    const left = await bao.ask('LIST', 'sys/leases/lookup/auth/token/create');
    expect(left.status).toBe(404);
  },
);
