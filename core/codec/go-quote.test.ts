import { expect, test } from 'vitest';
import { quoteCharacter, quoteForTime } from './go-quote.ts';

test('characters are shown where Go calls them printable', () => {
  const codes = [0x61, 0xe9, 0x1f600, 0x20000, 0xe0100, 0x40000, 0xe0041, 0xf1922, 0x10fff1];
  expect(codes.map(quoteCharacter)).toEqual([
    "'a'",
    "'é'",
    "'😀'",
    "'𠀀'",
    "'\u{e0100}'",
    String.raw`'\U00040000'`,
    String.raw`'\U000e0041'`,
    String.raw`'\U000f1922'`,
    String.raw`'\U0010fff1'`,
  ]);
});

test('package time escapes from the first byte on that is no ASCII', () => {
  expect(quoteForTime('a"\u007f\u0080\u001f')).toBe('"a\\"\u007f\\xc2\\x80\\x1f"');
});
