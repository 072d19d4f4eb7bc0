import { describe, expect, test } from 'vitest';
import { fuzzReader, readHuge } from './fuzz-inputs.ts';
import { outcome, text as textReader } from './parser.ts';
import { inputReaders } from './readers.ts';

describe.each((await inputReaders()).map((reader) => [reader.name, reader] as const))('%s', (_, reader) => {
  test('reads its samples', () => {
    const wrong =
      reader.of === 'bytes'
        ? reader.samples.map((one) => outcome(reader, one))
        : reader.samples.map((one) => outcome(reader, one));
    expect(wrong.filter((one) => one !== undefined)).toEqual([]);
  });

  test('reads what is bent, or refuses it as its own error', () => {
    expect(fuzzReader(reader, { count: 300, seed: 20_261_128 }).failure).toBeUndefined();
  });

  test('reads what is deep or long, or refuses it as its own error', () => {
    expect(readHuge(reader, 65_536).failure).toBeUndefined();
  });
});

test('what fails otherwise is found, made small and shown', () => {
  const read = (text: string): void => {
    if (text.includes('((')) throw new TypeError('no');
  };
  const { failure } = fuzzReader(
    textReader('brackets', { samples: ['(a)'], words: ['('], read, refusals: [RangeError] }),
    { count: 1_000, seed: 1 },
  );
  expect(failure).toMatch(/^brackets: "\(\(.*": TypeError: no/);
});
