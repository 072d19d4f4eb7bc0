import { describe, expect, test } from 'vitest';
import { GoRegexp, RegexpError } from './go-regexp.ts';

describe("Go's regular expressions", () => {
  test('what takes others for ever takes no time', () => {
    expect(new GoRegexp('(a+)+$').test(`${'a'.repeat(40)}!`)).toBe(false);
    expect(new GoRegexp('^(a|aa)+$').test(`${'a'.repeat(5_000)}!`)).toBe(false);
    expect(new GoRegexp('(a*)*b').test('a'.repeat(5_000))).toBe(false);
  });

  test('nothing is found right behind another match, and no half of a character', () => {
    const places = (pattern: string, text: string): string[] =>
      new GoRegexp(pattern).all(text).map(({ start, end }) => `${start}-${end}`);
    expect(places('a*', 'baac')).toEqual(['0-0', '1-3', '4-4']);
    expect(places('', '😀a')).toEqual(['0-0', '2-2', '3-3']);
  });

  test('groups that took no part are undefined; names may come twice', () => {
    const [match] = new GoRegexp(String.raw`(?P<n>a)|(?<n>b)|\(?<n>|[(?<n>]`).first('b');
    expect(match?.groups).toEqual(['b', undefined, 'b']);
  });

  test('names that come twice are looked for neither in quotations nor in what a complaint shows', () => {
    const quoted = new GoRegexp(String.raw`\Q[(?<n>\E(?<n>a)(?<n>b)]`);
    expect(quoted.first('[(?<n>ab]')[0]?.groups).toEqual(['[(?<n>ab]', 'a', 'b']);
    expect(() => new GoRegexp('duplicate capture group name(')).toThrow(
      'error parsing regexp: missing closing ): `duplicate capture group name(`',
    );
  });

  test('a pattern that becomes too large a program is none', () => {
    expect(() => new GoRegexp(String.raw`\pL{1000}`.repeat(11))).toThrow(RegexpError);
    expect(() => new GoRegexp('a'.repeat(20_001))).toThrow('error parsing regexp: expression too large');
  });
});
