import { expect, test } from 'vitest';
import { JsonNumber } from '../../codec/json.ts';
import { hashData } from './hash.ts';

const hash = (text: string) => `<${text}>`;

test('texts are hashed at any depth, everything else stays clear', () => {
  const data = {
    a: 'x',
    n: 1,
    big: new JsonNumber('1e3'),
    f: false,
    z: null,
    list: ['y', 2, { deep: 'w' }],
    empty: '',
  };
  expect(hashData(data, hash, [])).toEqual({
    a: '<x>',
    n: 1,
    big: data.big,
    f: false,
    z: null,
    list: ['<y>', 2, { deep: '<w>' }],
    empty: '<>',
  });
});

test('keys named in the mount stay clear wherever they are', () => {
  expect(hashData({ a: 'x', in: { a: 'y', b: 'z' } }, hash, ['a'])).toEqual({ a: 'x', in: { a: 'y', b: '<z>' } });
});

test('points in time stay clear', () => {
  expect(hashData({ at: '2026-11-23T03:46:40.86149455Z', no: '2026-11-23' }, hash, [])).toEqual({
    at: '2026-11-23T03:46:40.86149455Z',
    no: '<2026-11-23>',
  });
});
