import { expect, scenario } from '../../sim/story.ts';

const LOCKED_FOR = 900;
const LATER = 600;

/** Five wrong passwords lock a user out for fifteen minutes (facts §6.5), and guessing side by side gains nothing. */
scenario('a user is locked after five wrong passwords and free again to the second', async (sim) => {
  const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
  await bao.request('POST', 'sys/auth/userpass', { type: 'userpass' });
  for (const name of ['alice', 'bob', 'carol', 'dave'])
    await bao.request('POST', `auth/userpass/users/${name}`, { password: 'right' });
  const login = async (name: string, password: string): Promise<number> =>
    (await bao.ask('POST', `auth/userpass/login/${name}`, { token: '', body: { password } })).status;

  const guesses = await Promise.all(Array.from({ length: 6 }, (_, guess) => login('alice', `wrong-${guess}`)));
  const last = sim.world.now;
  expect(guesses.filter((status) => status === 400).length).toBeAtLeast(5);
  expect(guesses.filter((status) => status === 200).length).toBe(0);
  expect(await login('alice', 'right')).toBe(403);
  for (let guess = 0; guess < 4; guess++) expect(await login('carol', 'wrong')).toBe(400);
  // Each success begins the count anew.
  for (let round = 0; round < 2; round++) {
    for (let guess = 0; guess < 3; guess++) expect(await login('bob', 'wrong')).toBe(400);
    expect(await login('bob', 'right')).toBe(200);
  }

  const until = async (seconds: number): Promise<void> => sim.sleep(last + seconds * 1_000_000 - sim.world.now);
  // It is the last wrong one from which the time counts.
  for (let guess = 0; guess < 4; guess++) expect(await login('dave', 'wrong')).toBe(400);
  await until(LATER);
  expect(await login('dave', 'wrong')).toBe(400);
  await until(LOCKED_FOR - 1);
  expect(await login('alice', 'right')).toBe(403);
  await until(LOCKED_FOR + 1);
  expect(await login('alice', 'right')).toBe(200);
  // What was long ago does not count.
  await until(LOCKED_FOR + 10);
  expect(await login('carol', 'wrong')).toBe(400);
  expect(await login('carol', 'right')).toBe(200);
  await until(LATER + LOCKED_FOR - 1);
  expect(await login('dave', 'right')).toBe(403);
  await until(LATER + LOCKED_FOR + 1);
  expect(await login('dave', 'right')).toBe(200);
});
