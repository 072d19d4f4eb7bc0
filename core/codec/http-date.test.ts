import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { formatHttpDate, parseHttpDate } from './http-date.ts';

const NOON = 'Wed, 21 Oct 2099 12:00:00 GMT';

test.prop([fc.integer({ min: 0, max: 4_102_444_800 })])('what is written is read', (seconds) => {
  expect(parseHttpDate(formatHttpDate(seconds * 1_000_000))).toBe(seconds * 1_000_000);
});

test.each([
  ['wed, 21 oct 2099 12:00:00 GMT', 0],
  ['Mon, 21 Oct 2099 12:00:00 UTC', 0],
  ['Wed,  21  Oct 2099 12:00:00 CEST', 0],
  ['Wed, 21 Oct 2099 12:00:00.5 GMT', 500_000],
  ['Wed, 21 Oct 2099 2:00:00 GMT', -10 * 3_600_000_000],
])('%s is one, too', (text, later) => {
  expect(parseHttpDate(text)).toBe((parseHttpDate(NOON) as number) + later);
});

test.each([
  ['Wed, 31 Feb 2099 12:00:00 GMT', 'day out of range'],
  ['Wed, 21 Oct 2099 12:60:00 GMT', 'minute out of range'],
  ['Wed, 21 Okt 2099 12:00:00 GMT', 'cannot parse "Okt 2099 12:00:00 GMT" as "Jan"'],
  ['Wed, 21 Oct 2099 12:00:00', 'cannot parse "" as "MST"'],
  [`${NOON} x`, 'extra text: " x"'],
])('%s is none', (text, why) => {
  expect(parseHttpDate(text)).toContain(why);
});
