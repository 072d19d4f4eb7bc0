import { at } from '../../sim/client.ts';
import { SqlServer } from '../../sim/services/sql-server.ts';
import { expect, Lifetimes, scenario } from '../../sim/story.ts';

/** Time to live, maximum, period, uses, parents and roles: what lives and what does not follows from them alone. */
scenario(
  'tokens and what they are lent live as long as was granted, and no longer, whoever leads',
  { minimum: { faults: 2, elections: 2 } },
  async (sim) => {
    const db = new SqlServer(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const lifetimes = new Lifetimes(sim, bao, db);
    await lifetimes.furnish();
    // What may everything ends as well, if that was said.
    const made = await bao.request('POST', 'auth/token/create', { policies: ['root'], explicit_max_ttl: '20s' });
    const token = at(made, 'auth', 'client_token') as string;
    expect((await bao.ask('GET', 'auth/token/lookup-self', { token })).status).toBe(200);
    await sim.run('1s');
    for (let round = 0; round < 8; round++) await lifetimes.round();
    await sim.run('20s');
    expect((await bao.ask('GET', 'auth/token/lookup-self', { token })).status).toBe(403);
    const first = bao.leader;
    bao.kill(first);
    await sim.run('12s');
    bao.restart(first);
    await bao.ready();
    for (let round = 0; round < 8; round++) await lifetimes.round();
    await bao.stepDown();
    await sim.run('12s');
    await bao.ready();
    for (let round = 0; round < 6; round++) await lifetimes.round();
    expect(lifetimes.alive).toBeAtLeast(60);
    expect(lifetimes.gone).toBeAtLeast(20);
  },
);
