import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { quantiles } from './distribution.ts';
import { Streams } from './random.ts';

const draws = (streams: Streams, name: string, count = 20): number[] =>
  Array.from({ length: count }, () => streams.stream(name).below(1_000_000));

test('a stream gives the same draws whatever other streams do', () => {
  const quiet = new Streams('seed');
  const busy = new Streams('seed');
  draws(busy, 'another');
  busy.stream('disk').bytes(100);
  expect(draws(busy, 'disk')).toEqual(draws(quiet, 'disk'));
});

test('names and seeds give different streams', () => {
  const all = [draws(new Streams('1'), 'a'), draws(new Streams('1'), 'b'), draws(new Streams('2'), 'a')];
  expect(new Set(all.map(String)).size).toBe(3);
});

test('bytes and integers of one stream do not move each other', () => {
  const plain = new Streams('s').stream('x');
  const mixed = new Streams('s').stream('x');
  plain.below(10);
  mixed.below(10);
  mixed.bytes(7);
  expect(mixed.below(1000)).toBe(plain.below(1000));
  expect(mixed.bytes(9)).toEqual(plain.bytes(16).slice(7));
});

test.prop([fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), fc.string()])(
  'a draw stays below its bound',
  (bound, seed) => {
    const stream = new Streams(seed).stream('x');
    for (let i = 0; i < 20; i++) {
      const draw = stream.below(bound);
      expect(Number.isSafeInteger(draw) && draw >= 0 && draw < bound).toBe(true);
    }
  },
);

test('draws are spread evenly', () => {
  const stream = new Streams('even').stream('x');
  const counts = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 20_000; i++) counts[stream.below(10)]!++;
  for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
});

test.prop([fc.array(fc.nat(10_000), { minLength: 1, maxLength: 9 })])('samples lie within their table', (values) => {
  const table = values.sort((a, b) => a - b);
  const stream = new Streams('d').stream('x');
  const distribution = quantiles(...table);
  for (let i = 0; i < 50; i++) {
    const sample = distribution.sample(stream);
    expect(Number.isSafeInteger(sample) && sample >= table[0]! && sample <= table.at(-1)!).toBe(true);
  }
});
