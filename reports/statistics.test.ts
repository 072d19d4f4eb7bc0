import { describe, expect, test } from 'vitest';
import { binomialTest, holm, kolmogorovSmirnov, median, medianInterval } from './statistics.ts';

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe('the two-sample Kolmogorov–Smirnov test', () => {
  test('agrees with the tables: 4 against 4, entirely apart, has p = 2/70', () => {
    const { distance, p } = kolmogorovSmirnov([1, 2, 3, 4], [5, 6, 7, 8]);
    expect(distance).toBe(1);
    expect(p).toBeCloseTo(2 / 70, 12);
  });
  test('says nothing about equal samples', () => {
    expect(kolmogorovSmirnov(range(0, 30), range(0, 30)).p).toBe(1);
  });
  test('tells a shifted sample apart, and the more so the larger it is', () => {
    const near = kolmogorovSmirnov(range(0, 30), range(10, 40)).p;
    const far = kolmogorovSmirnov(range(0, 30), range(20, 520)).p;
    expect(near).toBeLessThan(0.1);
    expect(far).toBeLessThan(1e-6);
  });
});

test('the exact binomial test: 1 of 10 at a half is 22 in 1024', () => {
  expect(binomialTest(1, 10, 0.5)).toBeCloseTo(22 / 1024, 12);
  expect(binomialTest(5, 10, 0.5)).toBeCloseTo(1, 12);
  expect(binomialTest(0, 10, 0)).toBe(1);
});

test("Holm's correction stops at the first hypothesis that stands", () => {
  expect(holm([0.04, 0.001, 0.03])).toEqual([false, true, false]);
});

test('the median interval holds the median and does not change between runs', () => {
  const values = range(0, 31).map((value) => (value * 7919) % 101);
  const [low, high] = medianInterval(values);
  expect(low).toBeLessThanOrEqual(median(values));
  expect(high).toBeGreaterThanOrEqual(median(values));
  expect(medianInterval(values)).toEqual([low, high]);
});
