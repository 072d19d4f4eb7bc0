import { expect, test } from 'vitest';
import { decodeBase64 } from '../base64.ts';
import { decodeHex, encodeHex } from '../hex.ts';
import { readKeytab } from './keytab.ts';

/** In the form that MIT's kadmin writes: two kinds of keys. */
const MIT =
  'BQIAAABRAAIAC0VYQU1QTEUuQ09NAARIVFRQAAlsb2NhbGhvc3QAAAABaguSYQEAEgAgAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AAAABAAAAQQACAAtFWEFNUExFLkNPTQAESFRUUAAJbG9jYWxob3N0AAAAAWoLkmEBABEAEAABAgMEBQYHCAkKCwwNDg8AAAAB';

test('a keytab has its keys', () => {
  const entries = readKeytab(decodeBase64(MIT));
  expect(entries.map(({ key, ...rest }) => ({ ...rest, type: key.type, size: key.value.length }))).toEqual([
    { realm: 'EXAMPLE.COM', parts: ['HTTP', 'localhost'], written: 1779143265, version: 1, type: 18, size: 32 },
    { realm: 'EXAMPLE.COM', parts: ['HTTP', 'localhost'], written: 1779143265, version: 1, type: 17, size: 16 },
  ]);
});

test('the first version is little-endian, counts the realm and knows no kinds of names', () => {
  const entry = '0200010052010061010000000712000100ff';
  const size = (entry.length / 2).toString(16).padStart(2, '0');
  const [found] = readKeytab(decodeHex(`0501${size}000000${entry}`));
  expect(found).toMatchObject({ realm: 'R', parts: ['a'], written: 1, version: 7, key: { type: 18 } });
  expect(encodeHex(found!.key.value)).toBe('ff');
});

test('what was deleted is passed over, and a long version counts unless it is zero', () => {
  const entry = (end: string): string => `0001000152000161000000010000000905001200010a${end}`;
  const sized = (hex: string): string => `${(hex.length / 2).toString(16).padStart(8, '0')}${hex}`;
  const file = `0502fffffffe0000${sized(entry('00000101'))}${sized(entry('00000000'))}00000000ffff`;
  expect(readKeytab(decodeHex(file)).map(({ version }) => version)).toEqual([257, 5]);
});

test.each([
  ['', 'byte array is less than 2 bytes: 0'],
  ['0402', 'invalid keytab data. First byte does not equal 5'],
  ['0503', 'invalid keytab data. Keytab version is neither 1 nor 2'],
  ['0502', "\u0005\u0002's length is less than 6"],
  ['050200000005', "\u0005\u0002\0\0\0\u0005's length is less than 11"],
  ['05020000000200ff', "\0\ufffd's length is less than 6"],
])('%s is refused in the words of upstream', (hex, text) => {
  expect(() => readKeytab(decodeHex(hex))).toThrow(text);
});

test.each(['050200000000', '0502ffffffff', '050280000000', '0502ffffffff00000000'])('%s has no keys', (hex) => {
  expect(readKeytab(decodeHex(hex))).toEqual([]);
});
