import { expect, test } from 'vitest';
import { readWords, undiscovered } from './auto-join.ts';

test.each([
  ['127.0.0.1', "127.0.0.1: missing '='"],
  ['provider', "provider: missing '='"],
  ['a=b', 'no provider'],
  [' ', 'no provider'],
  ['provider=', 'provider: missing value'],
  ['a==', 'a: missing value'],
  ['provider="x', 'provider: unbalanced quotes'],
  ['a=b c="d', 'c: unbalanced quotes'],
  ['provider=foo a', "a: missing '='"],
  ['a="b"c', "c: missing '='"],
  ['=x', ': - equals in key\'s value, enclosing double-quote needed ="value-with-=-symbol"'],
  ['a=b=c', 'a: - equals in key\'s value, enclosing double-quote needed a="value-with-=-symbol"'],
  [' provider = foo', 'unknown provider foo'],
  ['provider=foo provider=bar', 'provider: duplicate key'],
  ['provider=FOO', 'unknown provider FOO'],
  ['provider="a b"', 'unknown provider a b'],
  ['provider="a\\"b"', 'unknown provider a"b'],
  ['provider=a\\\\b', 'unknown provider a\\b'],
  ['a="b=c" provider=x', 'unknown provider x'],
  ['a=b"c', 'no provider'],
])('%s leads nowhere, as the real server says', (text, why) => {
  expect(undiscovered(text)).toBe(`discover: ${why}`);
});

test('who is known to upstream is not asked', () => {
  expect(undiscovered('provider=k8s namespace=x label_selector="a=b,c=d"')).toBe(
    'discover: provider k8s is not asked here: give a leader_api_addr',
  );
  expect([...readWords('a=b  c="d e"')]).toEqual([
    ['a', 'b'],
    ['c', 'd e'],
  ]);
});
