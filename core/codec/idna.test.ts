import { expect, test } from 'vitest';
import { registeredDomain } from './idna.ts';

test('names as they are registered', () => {
  expect(registeredDomain('a-1.example')).toBe('a-1.example');
  expect(registeredDomain('bücher.example')).toBe('xn--bcher-kva.example');
});

test.each([
  ['A.example', 'idna: disallowed rune U+0041'],
  ['a_b.example', 'idna: disallowed rune U+005F'],
  ['-a.example', 'idna: invalid label "-a"'],
  ['ab--c.example', 'idna: invalid label "ab--c"'],
  ['a..b', 'idna: invalid label "a..b"'],
])('%s is none', (name, text) => {
  expect(() => registeredDomain(name)).toThrow(text);
});
