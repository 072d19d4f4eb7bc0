import { expect, it } from 'vitest';
import { decompress } from './canary.ts';
import { readSnappy, readSnappyStream } from './snappy.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

const block = (...parts: readonly (number | string)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...encodeUtf8(part)])));

const IDENTIFIER = block(0xff, 6, 0, 0, 'sNaPpY');

it('chunks that are not compressed are taken as they are', () => {
  const stream = block(0x53, ...IDENTIFIER, 1, 6, 0, 0, 1, 2, 3, 4, 'hi');
  expect(decodeUtf8(decompress(stream))).toBe('hi');
});

it.each([
  ['that ends early', block(0, 9, 0, 0, 1)],
  ['whose head ends early', block(0, 9)],
  ['of an unknown kind', block(2, 0, 0, 0)],
])('a chunk %s is corrupt', (_, chunk) => {
  expect(() => readSnappyStream(block(...IDENTIFIER, ...chunk))).toThrow('snappy: corrupt input');
});

it.each([
  ['nothing', block(0), ''],
  ['a literal', block(5, 4 << 2, 'hello'), 'hello'],
  ['a literal with its length behind the tag', block(65, 60 << 2, 64, 'x'.repeat(65)), 'x'.repeat(65)],
  ['a short copy', block(10, 4 << 2, 'abcde', (1 << 2) | 1, 5), 'abcdeabcde'],
  ['a copy into what it makes', block(9, 0, 'a', (4 << 2) | 1, 1), 'aaaaaaaaa'],
  ['a copy with an offset of two bytes', block(6, 2 << 2, 'abc', (2 << 2) | 2, 3, 0), 'abcabc'],
  ['a copy with an offset of four bytes', block(6, 2 << 2, 'abc', (2 << 2) | 3, 3, 0, 0, 0), 'abcabc'],
])('%s is read', (_, bytes, text) => {
  expect(decodeUtf8(readSnappy(bytes))).toBe(text);
  const chunk = block(0, bytes.length + 4, 0, 0, 1, 2, 3, 4, ...bytes);
  expect(decodeUtf8(decompress(block(0x53, ...IDENTIFIER, ...chunk, ...chunk)))).toBe(text + text);
});

it.each([
  ['no length', block()],
  ['an endless length', block(255, 255, 255, 255, 255, 255, 1)],
  ['more than such a block can make', block(255, 255, 255, 127, 0, 'a')],
  ['a literal that ends early', block(5, 4 << 2, 'hel')],
  ['too little', block(6, 4 << 2, 'hello')],
  ['too much', block(4, 4 << 2, 'hello')],
  ['a copy from before the beginning', block(6, 0, 'a', (1 << 2) | 1, 2)],
  ['a copy of nowhere', block(6, 0, 'a', (1 << 2) | 1, 0)],
])('%s is corrupt', (_, bytes) => {
  expect(() => readSnappy(bytes)).toThrow('snappy: corrupt input');
});
