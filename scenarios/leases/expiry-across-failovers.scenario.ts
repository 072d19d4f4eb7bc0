import { expect, scenario } from '../../sim/story.ts';

/** A lease is a point in time, whoever is active when it comes, and a renewal moves it for all. */
scenario(
  'a token of one hour ends to the second after two failovers',
  { minimum: { faults: 2, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const create = async (): Promise<{ client_token: string; accessor: string }> => {
      const made = await bao.request('POST', 'auth/token/create', { policies: ['default'], ttl: '1h' });
      return made['auth'] as { client_token: string; accessor: string };
    };
    const { client_token: renewed } = await create();
    const { client_token: token, accessor } = await create();
    const born = sim.world.now;
    let renewal = born;
    for (let failover = 0; failover < 2; failover++) {
      await sim.run('10m');
      await bao.request('POST', 'auth/token/renew', { token: renewed, increment: '1h' });
      renewal = sim.world.now;
      const { leader } = bao;
      bao.kill(leader);
      await sim.run('30s');
      expect(bao.leader === leader).toBe(false);
      bao.restart(leader);
      await bao.ready();
    }
    const lives = async (of: string, node: string) =>
      (await bao.ask('GET', 'auth/token/lookup-self', { node, token: of })).status;
    const ends = async (of: string, since: number): Promise<void> => {
      const until = (age: number): Promise<void> => sim.sleep(since + age * 1_000_000 - sim.world.now);
      await until(3_598);
      for (const node of bao.names) expect(await lives(of, node)).toBe(200);
      await until(3_602);
      for (const node of bao.names) expect(await lives(of, node)).toBe(403);
    };
    await ends(token, born);
    // Nothing of it is left to be found.
    expect(JSON.stringify(await bao.request('LIST', 'auth/token/accessors')).includes(accessor)).toBe(false);
    await ends(renewed, renewal);
  },
);
