import { expect, test } from 'vitest';
import { goUrlText, printGoUrl } from './go-url-text.ts';

// What 2.7.2 writes into a certificate of these as `uri_sans`.
test.each([
  ['https://a/b c', 'https://a/b%20c'],
  ['https://a/{x}', 'https://a/%7Bx%7D'],
  ['https://a/x%2fy', 'https://a/x%2fy'],
  ['https://a/%20%2f', 'https://a/%20%2f'],
  ['https://xn--tda.de/ä', 'https://xn--tda.de/%C3%A4'],
  ['https://ü.de/x', 'https://%C3%BC.de/x'],
  ['https://a@b@c/', 'https://a%40b@c/'],
  ['https://a/#', 'https://a/'],
  ['https://a#a b', 'https://a#a%20b'],
  ['https://a/#ü', 'https://a/#%C3%BC'],
  ['https://a?a b', 'https://a?a b'],
  ['x://', 'x:'],
  ['HTTPS://A.B/C', 'https://A.B/C'],
  ['urn:%zz', 'urn:%zz'],
  ['https:///p', 'https:///p'],
  ['/p', '/p'],
])('%s is written as %s', (sent, written) => expect(goUrlText(sent)).toBe(written));

test.each(['https://a%20b/', 'https://a#%zz', 'https://a/%zz', '1x:y', 'https://[x]/'])('%s is none', (text) =>
  expect(goUrlText(text)).toBeUndefined(),
);

test('a password is not told', () => {
  expect(printGoUrl('https://u:p:q@h/a b')).toBe('https://u:***@h/a%20b');
  expect(printGoUrl('https://h/%zz')).toBe('https://h/%zz');
});
