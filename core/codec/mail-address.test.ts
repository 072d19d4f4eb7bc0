import { expect, it } from 'vitest';
import { isMailAddress } from './mail-address.ts';

it('takes one address of mail, as Go reads it', () => {
  const one = [
    'a@b.c',
    'a@b',
    'A "B" c. <a@b.c>',
    '<a@b>',
    ' a@b.c\t',
    'a@b.c (x (y\\)) z) (w)',
    '"a b\\""@c.d',
    'a@[1.2.3.4]',
    'ä@b.c',
    'g: a@b.c;',
    'g: A <a@b.c> (y); (x)',
  ];
  expect(one.filter((text) => !isMailAddress(text))).toEqual([]);
  const none = [
    '',
    ' ',
    'a',
    'a ',
    'a@',
    '@b',
    '.a@b',
    'a..b@c',
    'a@b.',
    'a b@c.d',
    'a@b.c, d@e.f',
    'g: a@b.c, d@e.f;',
    'g:;',
    'g: h: a@b.c;;',
    'g: a@b.c',
    '<a@b',
    'a@[1.2]',
    'a@b (x',
    '"a@b',
    '""@c.d',
    'a@b\n',
    'a@b c',
    'A (x <a@b>',
  ];
  expect(none.filter(isMailAddress)).toEqual([]);
});
