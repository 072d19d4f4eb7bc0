import { at } from '../../sim/client.ts';
import { expect, LeaseWatch, makeTokens, scenario } from '../../sim/story.ts';

const COUNT = 400;
const REVOKED = 70;

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
    const left = async (): Promise<number> => {
      const { json } = await bao.ask('LIST', 'sys/leases/lookup/auth/token/create');
      return ((at(json, 'data', 'keys') ?? []) as unknown[]).length;
    };
    expect(await left()).toBe(0);

    // Where many are revoked the others still have their turn.
    await makeTokens(sim, bao, { clients: 4, count: 10, ttl: '20s' });
    const long = await makeTokens(sim, bao, { clients: 4, count: REVOKED + 10, ttl: '10m' });
    for (const token of long.slice(0, REVOKED)) await bao.request('POST', 'auth/token/revoke', { token });
    await sim.run('25s');
    expect(await left()).toBe(10);
  },
);
