import { expect } from 'vitest';
import { fc, test } from '@fast-check/vitest';
import { concatBytes } from './bytes.ts';
import { shortLived, shortLivedCopy } from './slab.ts';
import { encodeUtf8 } from './utf8.ts';

const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 2_000, max: 2_100 })), {
  minLength: 1,
  maxLength: 100,
});

test.prop([sizes])('no byte is given out twice, and all are zero', (lengths) => {
  const made = lengths.map((length) => shortLived(length));
  expect(made.map(({ length }) => length)).toEqual(lengths);
  for (const [index, bytes] of made.entries()) {
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    bytes.fill(index + 1);
  }
  for (const [index, bytes] of made.entries()) expect(bytes.every((byte) => byte === ((index + 1) & 0xff))).toBe(true);
});

test.prop([fc.array(fc.string({ unit: 'binary', maxLength: 3_000 }), { maxLength: 20 })])(
  'texts of all lengths keep their bytes, whatever is made after them',
  (texts) => {
    const made = texts.map((text) => encodeUtf8(text));
    const copies = made.map((bytes) => shortLivedCopy(bytes));
    const pairs = made.map((bytes, index) => concatBytes(bytes, copies[index]!));
    for (const [index, text] of texts.entries()) {
      const expected = [...new TextEncoder().encode(text)];
      expect([...made[index]!]).toEqual(expected);
      expect([...copies[index]!]).toEqual(expected);
      expect([...pairs[index]!]).toEqual([...expected, ...expected]);
    }
  },
);
