import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../runtime.ts';
import { HandClock } from '../services.fixture.ts';
import { Limiter } from './limiter.ts';

test('each address has its own count, which begins anew with each interval', async () => {
  const clock = new HandClock();
  const limiter = new Limiter(clock, 2, MINUTE, 0);
  expect(limiter.take('a')).toEqual({ allowed: true, limit: 2, remaining: 1, reset: 59 });
  expect(limiter.take('a')).toMatchObject({ allowed: true, remaining: 0 });
  expect(limiter.take('a')).toEqual({ allowed: false, limit: 2, remaining: 0, reset: 59, retryAfter: 59 });
  expect(limiter.take('b').allowed).toBe(true);
  await clock.advance(MINUTE);
  expect(limiter.take('a')).toMatchObject({ allowed: true, remaining: 1 });
});

test('with a block interval a client over the limit stays out, though the interval has passed', async () => {
  const clock = new HandClock();
  const limiter = new Limiter(clock, 1, SECOND, 100 * SECOND);
  limiter.take('a');
  expect(limiter.take('a')).toEqual({ allowed: false, limit: 1, remaining: 0, reset: 0, retryAfter: 99 });
  await clock.advance(50 * SECOND);
  expect(limiter.take('a')).toEqual({ allowed: false, retryAfter: 49 });
  await clock.advance(50 * SECOND);
  expect(limiter.take('a').allowed).toBe(true);
});

test('fractional rates are rounded, and never to nothing', () => {
  for (const [rate, limit] of [
    [1.4, 1],
    [1.5, 2],
    [0.4, 1],
  ] as const) {
    expect(new Limiter(new HandClock(), rate, SECOND, 0).take('a').limit).toBe(limit);
  }
});

test('a count that nobody asked for is forgotten after three minutes, however long its interval', async () => {
  const clock = new HandClock();
  const limiter = new Limiter(clock, 1, 60 * MINUTE, 0);
  limiter.take('a');
  await clock.advance(3 * MINUTE);
  expect(limiter.take('a').allowed).toBe(false);
  await clock.advance(MINUTE);
  expect(limiter.take('a').allowed).toBe(true);
});
