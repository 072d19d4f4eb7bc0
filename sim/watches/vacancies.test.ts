import { expect, test } from 'vitest';
import { type Change, vacancies } from './vacancies.ts';

const changes = (text: string): Change[] =>
  text.split(', ').map((words) => {
    const [at, node, what] = words.split(' ') as [string, string, Change['what']];
    return { at: Number(at), node, what };
  });
const told = (text: string): string[] =>
  vacancies(changes(text)).map(({ from, until, left, heir }) => `${from}-${until ?? ''} ${left} ${heir ?? ''}`);

test('nobody is active from the moment in which the active node is struck until another is active', () => {
  expect(told('1 a active, 10 a struck, 14 b active')).toEqual(['10-14 a b']);
});

test('what a standby suffers, or says, changes nothing', () => {
  expect(told('1 a active, 10 b struck, 12 c inactive, 14 b whole')).toEqual([]);
});

test('one that lets go when it is whole again had lost its office when it was struck', () => {
  expect(told('1 a active, 10 a struck, 13 b active, 18 a whole, 18 a inactive')).toEqual(['10-13 a b']);
  expect(told('1 a active, 10 a struck, 18 a whole, 18 a inactive, 20 b active')).toEqual(['10-20 a b']);
});

test('one that nobody replaced goes on', () => {
  expect(told('1 a active, 10 a struck, 11 a whole, 30 a struck, 40 b active')).toEqual(['10-11 a a', '30-40 a b']);
});

test('what has not ended has no end', () => {
  expect(told('1 a active, 10 a inactive, 12 b struck')).toEqual(['10- a ']);
});
