import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { formatHttpDate } from './http-date.ts';
import { formatRfc3339, parseRfc3339, timeComplaint } from './rfc3339.ts';

const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 });

test.prop([seconds, fc.integer({ min: 0, max: 999_999 })])(
  'dates agree with Date and read back',
  (second, fraction) => {
    // Dates far off have more micros than JavaScript has integers.
    const micros = Number.isSafeInteger(second * 1e6 + fraction) ? second * 1e6 + fraction : second * 1_000;
    const whole = Math.floor(micros / 1e6);
    expect(formatRfc3339(whole * 1e6)).toBe(new Date(whole * 1000).toISOString().replace('.000', ''));
    if (whole >= 0) expect(formatHttpDate(micros)).toBe(new Date(whole * 1000).toUTCString());
    expect(parseRfc3339(formatRfc3339(micros))).toBe(micros);
  },
);

test('only as many decimals as needed', () => {
  expect(formatRfc3339(-62_135_596_800_000_000)).toBe('0001-01-01T00:00:00Z');
  expect(formatRfc3339(1_500_000)).toBe('1970-01-01T00:00:01.5Z');
});

test('zones count, nanoseconds are cut', () => {
  expect(parseRfc3339('1970-01-01T01:30:00.123456789+01:30')).toBe(123_456);
  expect(parseRfc3339('1969-12-31T23:00:00-01:00')).toBe(0);
});

test.each(['', '2026-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-01-01T24:00:00Z', '2026-01-01 00:00:00Z'])(
  '%j is no date',
  (text) => {
    expect(parseRfc3339(text)).toBeUndefined();
  },
);

test.each([
  ['x', '"x" as "2006"'],
  ['2030-1-01T00:00:00Z', '"1-01T00:00:00Z" as "01"'],
  ['2030-01-01 00:00:00Z', '" 00:00:00Z" as "T"'],
  ['2030-01-01T00:00:00', '"" as "Z07:00"'],
])('Go says where %s is no time', (text, where) => {
  expect(timeComplaint(text)).toBe(`parsing time "${text}" as "2006-01-02T15:04:05Z07:00": cannot parse ${where}`);
});

test.each([
  ['2026-01-01T1:00:00Z', '2026-01-01T01:00:00Z'],
  ['2026-01-01T00:00:00-01:60', '2026-01-01T02:00:00Z'],
  ['2026-01-01T00:00:00-24:00', '2026-01-02T00:00:00Z'],
])('%s is a time for Go', (text, time) => {
  expect(formatRfc3339(parseRfc3339(text)!)).toBe(time);
});

/** Held against the real server. */
test.each([
  ['2026-13-01T00:00:00Z', 'month out of range'],
  ['2026-13-x', 'month out of range'],
  ['2026-02-30T00:00:00Z', 'day out of range'],
  ['2026-01-01T24:00:00Z', 'hour out of range'],
  ['2026-01-01T00:60:00Z', 'minute out of range'],
  ['2026-01-01T00:00:60.5Z', 'second out of range'],
  ['2026-01-01T00:00:00+25:00', 'time zone offset hour out of range'],
  ['2026-01-01T00:00:00+25:61', 'time zone offset minute out of range'],
  ['2026-01-01T00:00:00Zulu', 'extra text: "ulu"'],
])('and what of %s is beyond', (text, what) => {
  expect(timeComplaint(text)).toBe(`parsing time "${text}": ${what}`);
});
