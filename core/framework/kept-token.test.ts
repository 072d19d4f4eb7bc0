import { expect, test } from 'vitest';
import { MINUTE } from '../runtime.ts';
import { givenToken, KeptToken } from './kept-token.ts';
import { FakeClock } from './testing.ts';

test('a token is asked for once, again in its last minute, and again when it was forgotten', async () => {
  const clock = new FakeClock(0);
  const token = new KeptToken();
  let asked = 0;
  const get = () =>
    token.get(clock, () => Promise.resolve(givenToken({ access_token: `token-${++asked}`, expires_in: 600 })));
  expect(await get()).toBe('token-1');
  clock.advance(9 * MINUTE - 1);
  expect(await get()).toBe('token-1');
  clock.advance(1);
  expect(await get()).toBe('token-2');
  token.forget();
  expect(await get()).toBe('token-3');
});

test('one that could not be had is asked for again', async () => {
  const token = new KeptToken();
  await expect(token.get(new FakeClock(0), () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await token.get(new FakeClock(0), () => Promise.resolve({ text: 'one', lasts: MINUTE }))).toBe('one');
});
