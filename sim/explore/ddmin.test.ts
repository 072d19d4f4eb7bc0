import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { ddmin } from './ddmin.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('ddmin', () => {
  test.each<[string, number, readonly number[]]>([
    ['one of many', 40, [17]],
    ['two that stand together', 40, [20, 21]],
    ['the first and the last', 40, [1, 40]],
    ['every one', 5, [1, 2, 3, 4, 5]],
    ['none', 5, []],
    ['the only one', 1, [1]],
  ])('finds %s', async (_, count, needed) => {
    const fails = async (some: readonly number[]): Promise<boolean> => needed.every((item) => some.includes(item));
    expect(await ddmin(numbers(count), fails)).toEqual(needed);
  });

  test('asks in vain of nothing', async () => {
    expect(await ddmin([], () => Promise.reject(new Error('asked')))).toEqual([]);
  });

  test('finds one among a thousand with few questions', async () => {
    let asked = 0;
    const left = await ddmin(numbers(1_000), async (some) => {
      asked++;
      return some.includes(333);
    });
    expect([left, asked < 35]).toEqual([[333], true]);
  });

  const failing = fc.func(fc.boolean());

  property.prop([fc.integer({ min: 1, max: 14 }), failing])(
    'gives, whatever fails, what fails and passes as soon as any one is taken away',
    async (count, judge) => {
      const all = numbers(count);
      // The whole fails; what else does is anybody's guess.
      const fails = (some: readonly number[]): boolean => some.length === count || judge(some.join(' '));
      const left = await ddmin(all, async (some) => fails(some));
      expect(fails(left)).toBe(true);
      for (const item of left) expect(left.length > 1 && fails(left.filter((other) => other !== item))).toBe(false);
      if (left.length === 1) expect(fails([])).toBe(false);
      expect(left).toEqual(all.filter((item) => left.includes(item)));
    },
  );

  property.prop([fc.integer({ min: 1, max: 14 }), failing])(
    'asks nothing twice, and the last that failed is what it gives',
    async (count, judge) => {
      const asked: string[] = [];
      let failed = numbers(count);
      const left = await ddmin(failed, async (some) => {
        asked.push(some.join(' '));
        const fails = judge(some.join(' '));
        if (fails) failed = [...some];
        return fails;
      });
      expect(new Set(asked).size).toBe(asked.length);
      expect(left).toEqual(failed);
    },
  );
});
