import { expect, test } from 'vitest';
import { sameList, sameSet } from './same-list.ts';

test('lists are the same with the order, texts without it and however often they are there', () => {
  const pairs: readonly (readonly [a: string[], b: string[], list: boolean, texts: boolean])[] = [
    [[], [], true, true],
    [['a', 'b'], ['a', 'b'], true, true],
    [['a', 'b'], ['b', 'a'], false, true],
    [['a', 'a'], ['a'], false, true],
    [['a', 'a'], ['a', 'b'], false, false],
    [['a', 'b'], ['a', 'a'], false, false],
    [['a'], [], false, false],
  ];
  for (const [a, b, list, texts] of pairs) {
    expect([sameList(a, b), sameSet(a, b)], JSON.stringify([a, b])).toEqual([list, texts]);
  }
});
