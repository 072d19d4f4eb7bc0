import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { shortest } from './shrink.ts';

const items = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 40 });

test.prop([items, items])('what is left is what it takes, in its order, and nothing else', async (all, needed) => {
  const wanted = needed.filter((item) => all.includes(item)).sort((a, b) => all.indexOf(a) - all.indexOf(b));
  const fails = (part: readonly number[]): Promise<boolean> =>
    Promise.resolve(wanted.every((item) => part.includes(item)));
  expect(await shortest(all, fails)).toEqual(wanted);
});

test('an item alone is tried to be left out, too', async () => {
  expect(await shortest([1], () => Promise.resolve(true))).toEqual([]);
});
