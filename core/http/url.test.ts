import { describe, expect, test } from 'vitest';
import { parseTarget } from './url.ts';

describe('targets, as Go reads them', () => {
  test.each([
    ['/a%20b?c=d%20e', '/a%20b', '/a b', 'c=d%20e'],
    ['/a#b?c', '/a#b', '/a#b', 'c'],
    ['/a?b#c', '/a', '/a', 'b#c'],
    ['*', '*', '*', ''],
    ['http://h:1/a?b', '/a', '/a', 'b'],
    ['https://u:p@[::1]:80/a', '/a', '/a', ''],
    ['http:///a', '/a', '/a', ''],
    ['http://h', '', '', ''],
    ['http://h?a', '', '', 'a'],
    ['odd:/a', '/a', '/a', ''],
    ['odd:a', '', '', ''],
  ])('%s', (url, rawPath, path, rawQuery) => {
    expect(parseTarget(url)).toEqual({ rawPath, path, rawQuery });
  });

  test.each(['', 'a/b', '/%zz', '/%2', 'http://h:x/a', 'http://a%zz/b', 'http://[::1/a', '1http://h/a', '?a'])(
    '%s is none',
    (url) => {
      expect(parseTarget(url)).toBeUndefined();
    },
  );
});
