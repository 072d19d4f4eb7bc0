import { expect, test } from 'vitest';
import { isSameViolation } from './same-violation.ts';

const same = (a: string, b: string, checker = 'logs agree'): boolean =>
  isSameViolation({ checker: 'logs agree', at: 1, message: a }, { checker, at: 2, message: b });

test.each([
  ['n1 and n3 both won term 7', 'n2 and n1 both won term 12'],
  [
    'secret/data/key-4: two acknowledged writes are version 21 ("canary-c3-34" and "canary-c3-40")',
    'secret/data/a: two acknowledged writes are version 2 ("x" and "y")',
  ],
  ['n1 holds it only on n1 of n1, n2, n3', 'n4 holds it only on n4, n5 of n1, n2, n3, n4, n5'],
  ['not within 120 s: the quorum n1 n2 takes a write', 'not within 120 s: the quorum n5 n3 n2 takes a write'],
  ['two states: deadbeefcafe and abcdefabcdef', 'two states: 0123456789ab and 5'],
  ['n1: CorruptLog: no\n    at one.ts:1:2', 'n2: CorruptLog: no\n    at other.ts:3:4'],
])('%j is the same as %j', (a, b) => {
  expect(same(a, b)).toBe(true);
});

test.each([
  ['n1 forgot that it had voted for n2', 'n1 voted for n2 and for n3 in term 4'],
  ['n1: CorruptLog: no', 'n1: no decryption key available'],
])('%j is another than %j', (a, b) => {
  expect(same(a, b)).toBe(false);
});

test('what another checker says is another', () => {
  expect(same('n1 did it', 'n1 did it', 'one leader a term')).toBe(false);
});
