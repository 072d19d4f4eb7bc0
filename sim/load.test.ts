import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { Load } from './load.ts';

test('work is told of in the slices in which it is done', () => {
  const load = new Load();
  load.add(50_000, 250_000);
  load.add(90_000, 110_000);
  expect([load.slice, load.busy]).toEqual([100_000, [60_000, 110_000, 50_000]]);
});

test.prop([fc.array(fc.tuple(fc.nat(400_000_000), fc.integer({ min: 1, max: 5_000_000 })), { maxLength: 30 })])(
  'however long the run, no work is lost, no slice holds more than was done in it, and few are kept',
  (works) => {
    const load = new Load();
    for (const [from, lasting] of works) load.add(from, from + lasting);
    expect(load.busy.length).toBeLessThanOrEqual(1_200);
    load.busy.forEach((busy, index) => {
      const [begin, end] = [index * load.slice, (index + 1) * load.slice];
      const done = works.map(([from, lasting]) => Math.min(end, from + lasting) - Math.max(begin, from));
      expect(busy).toBe(done.reduce((sum, each) => sum + Math.max(0, each), 0));
    });
    const all = works.reduce((sum, [, lasting]) => sum + lasting, 0);
    expect(load.busy.reduce((sum, busy) => sum + busy, 0)).toBe(all);
  },
);
