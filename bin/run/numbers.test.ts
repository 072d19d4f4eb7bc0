import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { UsageError } from '../flags.ts';
import { parseNumbers, printNumbers } from './numbers.ts';

test.each<[string, readonly number[], string]>([
  ['', [], ''],
  ['3', [3], '3'],
  ['3,5-9', [3, 5, 6, 7, 8, 9], '3,5-9'],
  ['9,1-3,2', [1, 2, 3, 9], '1-3,9'],
  ['1,2', [1, 2], '1-2'],
])('%j is %j', (text, numbers, printed) => {
  expect(parseNumbers('--without', text)).toEqual(numbers);
  expect(printNumbers(numbers)).toBe(printed);
});

test.each(['0', 'x', '1,', '5-3', '-1', '1-', '1 ,2', '1e3', '9999999'])('%j is refused in a line', (text) => {
  const line = `--without ${text}: give numbers and spans of them, e.g. --without 3,5-9`;
  expect(() => parseNumbers('--without', text)).toThrow(new UsageError(line));
});

property.prop([fc.uniqueArray(fc.integer({ min: 1, max: 50 }))])('what is printed is read again', (numbers) => {
  const inOrder = numbers.toSorted((a, b) => a - b);
  expect(parseNumbers('--without', printNumbers(inOrder))).toEqual(inOrder);
});
