import { expect, test } from 'vitest';
import { domainToAscii, registeredDomain } from './idna.ts';

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

test('a label in ASCII has one form', () => {
  expect(domainToAscii('xn--TDA.b.de')).toBe('xn--tda.b.de');
});

// What 2.7.2 says of these as names of a certificate.
test.each([
  ['xn--zz--.de', 'idna: invalid label "zz--"'],
  ['foo.xn--', 'idna: invalid label ""'],
  ['xn--0.b.de', 'idna: invalid label "0"'],
])('%s stands for nothing', (name, text) => {
  expect(() => domainToAscii(name)).toThrow(text);
});

test('the first label that is too long ends it, whatever else there is', () => {
  const long = Array.from({ length: 999 }, (_, i) => String.fromCharCode(0x400 + i)).join('');
  const found = (name: string): string => {
    try {
      return domainToAscii(name);
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(found(`a.${long}`)).toMatch(/^idna: invalid label "xn--/);
  // Nobody looks at what comes behind it.
  expect(found(Array.from({ length: 50_000 }, () => long).join('.'))).toBe(found(long));
});
