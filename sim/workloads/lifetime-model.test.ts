import { expect, test } from 'vitest';
import { grant, lesser, NO_TERMS } from './lifetime-model.ts';

const mount = { usual: 40, most: 100 };

test('a lifetime is what was asked for, else the usual, and never passes the maximum counted from the beginning', () => {
  expect(grant(NO_TERMS, mount, 0)).toBe(40);
  expect(grant({ ...NO_TERMS, ttl: 60 }, mount, 0)).toBe(60);
  expect(grant({ ...NO_TERMS, ttl: 60 }, mount, 50, 70)).toBe(50);
  expect(grant({ ...NO_TERMS, most: 30 }, mount, 10)).toBe(20);
  expect(grant({ ...NO_TERMS, explicitMost: 30 }, mount, 31)).toBe(-1);
});

test('a period goes on for ever, unless there is an explicit maximum', () => {
  expect(grant({ ...NO_TERMS, ttl: 5, period: 20 }, mount, 1_000)).toBe(20);
  expect(grant({ ...NO_TERMS, period: 200 }, mount, 1_000)).toBe(100);
  expect(grant({ ...NO_TERMS, period: 20, explicitMost: 50 }, mount, 45)).toBe(5);
});

test('of two limits the lesser counts, if both are there', () => {
  expect([lesser(0, 3), lesser(3, 0), lesser(2, 3), lesser(0, 0)]).toEqual([3, 3, 2, 0]);
});
