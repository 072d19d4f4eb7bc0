import { type Answered, at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

/** What is wrapped can be had as long as it says, from the token that it says, once; another wrapping ends the first. */
scenario(
  'a wrapped answer is there for its time, and only for a wrapping token that is good',
  { minimum: { elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const dice = sim.world.random('wrapped');
    const wrap = async (ttl: number, secret: string): Promise<string> => {
      const headers = [['X-Vault-Wrap-TTL', `${ttl}s`]] as const;
      const made = await bao.ask('POST', 'sys/wrapping/wrap', { headers, body: { secret } });
      expect(at(made.json, 'wrap_info', 'ttl')).toBe(ttl);
      return at(made.json, 'wrap_info', 'token') as string;
    };
    // The token itself asks, or the operator names it.
    const open = (token: string): Promise<Answered> =>
      dice.below(2) === 0
        ? bao.ask('POST', 'sys/wrapping/unwrap', { token, body: {} })
        : bao.ask('POST', 'sys/wrapping/unwrap', { body: { token } });
    const look = (token: string): Promise<Answered> =>
      bao.ask('POST', 'sys/wrapping/lookup', { token: '', body: { token } });
    const goneFrom = async (token: string): Promise<void> => {
      expect((await look(token)).status).toBeAtLeast(400);
      expect((await open(token)).status).toBeAtLeast(400);
    };
    const other = await bao.request('POST', 'auth/token/create', { policies: ['default'], ttl: '1h' });
    const plain = at(other, 'auth', 'client_token') as string;
    for (let round = 0; round < 10; round++) {
      const secret = `canary-wrapped-${round}`;
      const ttl = dice.between(20, 40);
      const [soon, moved, late] = [await wrap(ttl, secret), await wrap(ttl, secret), await wrap(ttl, secret)];
      const shown = await look(soon);
      expect(at(shown.json, 'data', 'creation_ttl')).toBe(ttl);
      expect(at(shown.json, 'data', 'creation_path')).toBe('sys/wrapping/wrap');
      expect(at((await open(soon)).json, 'data', 'secret')).toBe(secret);
      await goneFrom(soon);

      const contested = await wrap(ttl, secret);
      const named = () => bao.ask('POST', 'sys/wrapping/unwrap', { body: { token: contested } });
      const race = await Promise.all([named(), named(), named()]);
      expect(race.filter(({ status }) => status === 200).length).toBe(1);

      const again = await bao.ask('POST', 'sys/wrapping/rewrap', { body: { token: moved } });
      const anew = at(again.json, 'wrap_info', 'token') as string;
      await goneFrom(moved);
      expect(at((await open(anew)).json, 'data', 'secret')).toBe(secret);

      expect((await open(plain)).status).toBeAtLeast(400);
      if (round === 5) {
        await bao.stepDown();
        await sim.run('10s');
        await bao.ready();
      }
      await sim.run(`${ttl + 8}s`);
      await goneFrom(late);
    }
    expect((await bao.ask('GET', 'auth/token/lookup-self', { token: plain })).status).toBe(200);
  },
);
