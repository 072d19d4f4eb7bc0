import { MINUTE } from '../../core/runtime.ts';
import { at } from '../../sim/client.ts';
import { expect, LeaseWatch, makeTokens, scenario } from '../../sim/story.ts';

const COUNT = 320;
const REVOKED = 70;
const LATE = 150;
/** So many leases a leader reads at once. */
const AT_ONCE = 64;

/** The leader dies while leases end: its successor finds all of them and ends each one once, none before its time. */
scenario(
  'leases that end while the leader dies are neither lost, nor early, nor revoked twice',
  { minimum: { faults: 3, elections: 2 } },
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
    const killed = bao.leader;
    bao.kill(killed);
    expect(watch.ended).toBeAtMost(COUNT - 1);
    await sim.run('45s');
    watch.assertNoneEarlyOrTwice('60s');
    for (const token of made.slice(-20)) {
      for (const node of [bao.leader, ...bao.followers])
        expect((await bao.ask('GET', 'auth/token/lookup-self', { node, token })).status).toBe(403);
    }
    const listed = async (): Promise<readonly string[]> => {
      const { json } = await bao.ask('LIST', 'sys/leases/lookup/auth/token/create');
      return (at(json, 'data', 'keys') ?? []) as readonly string[];
    };
    const left = async (): Promise<number> => (await listed()).length;
    expect(await left()).toBe(0);

    bao.restart(killed);
    await bao.ready();

    // Where many are revoked the others still have their turn.
    await makeTokens(sim, bao, { clients: 4, count: 10, ttl: '20s' });
    const long = await makeTokens(sim, bao, { clients: 4, count: REVOKED + 10, ttl: '10m' });
    for (const token of long.slice(0, REVOKED)) await bao.request('POST', 'auth/token/revoke', { token });
    await sim.run('25s');
    expect(await left()).toBe(10);

    // The next leader has to wait for pages, and what it has listed and not yet read goes meanwhile: the others still end.
    await makeTokens(sim, bao, { clients: 8, count: LATE, ttl: '60s' });
    const ids = await listed();
    let read = 0;
    sim.world.onTrace(({ node, event }) => {
      if (event.kind !== 'lease' || event.what !== 'restored' || ++read > AT_ONCE) return;
      const { disk } = bao.disk(node);
      disk.cold = MINUTE;
      sim.at('0s', 'only what follows at once is cold', () => void (disk.cold = 1));
    });
    for (const node of bao.followers) bao.disk(node).chill('1us');
    const second = bao.leader;
    bao.kill(second);
    await sim.until('the next one leads', () => bao.names.some((name) => bao.isLatestActive(name)), 1_000, 60_000_000);
    const gone = ids.slice(2 * AT_ONCE, 2 * AT_ONCE + 10).map((id) => `auth/token/create/${id}`);
    await Promise.all(gone.map((lease_id) => bao.ask('POST', 'sys/leases/revoke', { body: { lease_id, sync: true } })));
    for (const node of bao.names) bao.disk(node).mend();
    await sim.run('2m');
    expect(await left()).toBeAtMost(10);
  },
);
