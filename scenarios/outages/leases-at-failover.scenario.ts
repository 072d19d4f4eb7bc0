import { ActiveWatch, expect, makeTokens, scenario } from '../../sim/story.ts';

const COUNT = 1_500;

/**
 * Source: hashicorp/vault issue 2418 (2017): a failover took a minute and a half instead of a fifth of a second, because
 * the new active node read the leases of all tokens first. 2.7.2 reads them when it is active already. The disk of the
 * next one is cold here, so that they take their time: the failover does not, and all are back in the end.
 */
scenario(
  'a failover does not wait for the leases, however many there are and however slowly they are read',
  { minimum: { faults: 3, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const made = await makeTokens(sim, bao, { clients: 16, count: COUNT, ttl: '1h' });
    expect(made.length).toBe(COUNT);
    await sim.run('5s');
    const active = new ActiveWatch(sim, bao);
    const restored: number[] = [];
    sim.world.onTrace(({ at, event }) => {
      if (event.kind === 'lease' && event.what === 'restored') restored.push(at);
    });
    for (const name of bao.followers) bao.disk(name).chill('200ms');
    const { leader } = bao;
    bao.kill(leader);
    await sim.until('another is active', () => bao.names.some((name) => bao.isActive(name)), 10_000, 60_000_000);
    const since = sim.world.now;
    expect(active.longest).toBeAtMost(10_000_000);
    await sim.run('1m');
    // The last was read long after it took office.
    expect(restored.length).toBeAtLeast(COUNT);
    expect(Math.max(...restored) - since).toBeAtLeast(300_000);
    for (const token of made.slice(0, 10))
      expect((await bao.ask('GET', 'auth/token/lookup-self', { token })).status).toBe(200);

    for (const name of bao.names) bao.disk(name).mend();
    bao.restart(leader);
    await bao.ready();
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
  },
);
