import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Needles } from './needles.ts';

/** Few different bytes, so that parts do occur and overlap. */
const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.array(fc.constantFrom(0, 1, 255), { minLength, maxLength }).map((values) => Uint8Array.from(values));

function firstAnywhere(whole: Uint8Array, parts: readonly Uint8Array[]): number {
  for (let start = 0; start < whole.length; start++) {
    const found = parts.findIndex(
      (part) => start + part.length <= whole.length && part.every((byte, at) => byte === whole[start + at]),
    );
    if (found >= 0) return found;
  }
  return -1;
}

test('finds what a search byte by byte finds', () => {
  fc.assert(
    fc.property(fc.array(bytes(2, 6), { maxLength: 4 }), bytes(0, 60), (parts, whole) => {
      expect(new Needles(parts).find(whole)).toBe(firstAnywhere(whole, parts));
    }),
    { numRuns: 500 },
  );
});

test('a part longer than the longest skip is found whole and only whole', () => {
  const part = Uint8Array.from({ length: 300 }, (_, at) => at % 251);
  const needles = new Needles([part]);
  expect(needles.find(Uint8Array.from([9, 9, ...part, 9]))).toBe(0);
  expect(needles.find(part.subarray(0, 299))).toBe(-1);
});
