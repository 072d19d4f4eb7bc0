import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

test.prop([fc.integer({ min: -(2 ** 52), max: 2 ** 52 })])('what is printed reads back', (micros) => {
  expect(parseDuration(formatDuration(micros))).toBe(micros);
});

test.each([
  [0, '0s'],
  [1, '1µs'],
  [1_500, '1.5ms'],
  [30_000_000, '30s'],
  [1_500_000, '1.5s'],
  [60_000_000, '1m0s'],
  [6_000_000_000, '1h40m0s'],
  [2_764_800_000_000, '768h0m0s'],
  [-90_000_000, '-1m30s'],
])('%d micros print as %s', (micros, text) => {
  expect(formatDuration(micros)).toBe(text);
});

test.each([
  ['0', 0],
  ['+5s', 5],
  ['1h40m', 6_000],
  ['1.5h', 5_400],
  ['1m1h', 3_660],
  ['.5s', 0.5],
  ['1.s', 1],
])('%j is %d seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds * 1e6);
});

// Answers of a 2.7.2 server to token lifetimes.
test.each([
  ['bogus', 'time: invalid duration "bogus"'],
  ['1d12h', 'time: unknown unit "d" in duration "1d12h"'],
  ['7w', 'time: unknown unit "w" in duration "7w"'],
  ['0.5', 'time: missing unit in duration "0.5"'],
  ['1h1', 'time: missing unit in duration "1h1"'],
  ['h', 'time: invalid duration "h"'],
  ['100000000h', 'time: invalid duration "100000000h"'],
  ['1h ', 'time: unknown unit "h " in duration "1h "'],
  ['1h-1m', 'time: unknown unit "h-" in duration "1h-1m"'],
  ['99999999999999999999s', 'time: invalid duration "99999999999999999999s"'],
  ['--1', 'time: invalid duration "--1"'],
  ['ü"\\\n\x7f', String.raw`time: invalid duration "\xc3\xbc\"\\\x0a` + '\x7f"'],
])('%j is refused in upstream’s words', (text, message) => {
  expect(() => parseDuration(text)).toThrow(message);
});
