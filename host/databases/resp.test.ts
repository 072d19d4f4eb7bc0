import { expect, test } from 'vitest';
import { parseReply } from './resp.ts';

test('an answer is read once all of its bytes are there, and not a byte of the next', () => {
  const whole = '*3\r\n$5\r\nflags\r\n:7\r\n*2\r\n+on\r\n$-1\r\n';
  for (let cut = 0; cut < whole.length; cut++) expect(parseReply(Buffer.from(whole.slice(0, cut)))).toBeUndefined();
  expect(parseReply(Buffer.from(`${whole}+more\r\n`))).toEqual({
    reply: ['flags', 7, ['on', null]],
    length: whole.length,
  });
});

test('an error is one, alone and inside of a list', () => {
  for (const text of ['-ERR no\r\n', '*1\r\n-ERR no\r\n']) {
    expect(parseReply(Buffer.from(text))).toEqual({ reply: new Error('ERR no'), length: text.length });
  }
  expect(parseReply(Buffer.from('?\r\n'))?.reply).toBeInstanceOf(Error);
});
