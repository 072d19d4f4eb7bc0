import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

/** A lease is a point in time, whoever is active when it comes. */
scenario(
  'a token of one hour ends to the second after two failovers',
  { minimum: { faults: 2, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const made = await bao.request('POST', 'auth/token/create', { policies: ['default'], ttl: '1h' });
    const born = sim.world.now;
    const token = at(made, 'auth', 'client_token') as string;
    for (let failover = 0; failover < 2; failover++) {
      await sim.run('10m');
      const { leader } = bao;
      bao.kill(leader);
      await sim.run('30s');
      expect(bao.leader === leader).toBe(false);
      bao.restart(leader);
      await bao.ready();
    }
    const lives = async (node: string) => (await bao.ask('GET', 'auth/token/lookup-self', { node, token })).status;
    const until = async (age: number): Promise<void> => sim.sleep(born + age * 1_000_000 - sim.world.now);
    await until(3_598);
    for (const node of bao.names) expect(await lives(node)).toBe(200);
    await until(3_602);
    for (const node of bao.names) expect(await lives(node)).toBe(403);
  },
);
