import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

/** Upstream's default lifetime of 768 hours, to the second. */
scenario('a token of 768 hours ends to the second', { limit: '800h' }, async (sim) => {
  const bao = await sim.cluster({ nodes: 1, storage: 'inmem' });
  const made = await bao.request('POST', 'auth/token/create', { policies: ['default'] });
  const born = sim.world.now;
  expect(at(made, 'auth', 'lease_duration')).toBe(2_764_800);
  const token = at(made, 'auth', 'client_token') as string;
  const lives = async () => (await bao.ask('GET', 'auth/token/lookup-self', { token })).status;
  const until = async (age: number): Promise<void> => sim.sleep(born + age * 1_000_000 - sim.world.now);
  await until(2_764_799);
  expect(await lives()).toBe(200);
  await until(2_764_801);
  expect(await lives()).toBe(403);
});
