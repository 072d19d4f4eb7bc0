import { describe, expect, test } from 'vitest';
import { dogstatsdLine, type Measured, pieces, statsdLine } from './push-forms.ts';

const made = (kind: Measured['kind'], name: string, value: number, labels: Measured['labels'] = {}): Measured => ({
  kind,
  name,
  value,
  labels,
});

/** As 2.7.2 sends them. */
describe('lines', () => {
  test.each([
    [
      made('g', 'vault.core.unsealed', 0, { cluster: '' }),
      'vault.core.unsealed.:0.000000|g\n',
      'vault.core.unsealed:0|g|#a:b,c,cluster\n',
    ],
    [
      made('c', 'vault.barrier.estimated_encryptions', 1, { term: '1' }),
      'vault.barrier.estimated_encryptions.1:1.000000|c\n',
      'vault.barrier.estimated_encryptions:1|c|#a:b,c,term:1\n',
    ],
    [
      made('ms', 'vault.barrier.put', 0.009274),
      'vault.barrier.put:0.009274|ms\n',
      'vault.barrier.put:0.009274|ms|#a:b,c\n',
    ],
    [made('g', 'vault.x y', 0.5, { at: 'a:b c' }), 'vault.x_y.a_b_c:0.500000|g\n', 'vault.x_y:0.5|g|#a:b,c,at:a:b c\n'],
  ])('%o', (measured, plain, tagged) => {
    expect(statsdLine(measured)).toBe(plain);
    expect(dogstatsdLine(measured, ['a:b', 'c'])).toBe(tagged);
  });

  test('without a label or a tag nothing follows', () => {
    expect(dogstatsdLine(made('g', 'vault.a', 2), [])).toBe('vault.a:2|g\n');
  });
});

test('pieces hold whole lines', () => {
  expect(pieces(['aaa\n', 'bbb\n', 'c\n', 'dddddddddddd\n', 'e\n'], 8)).toEqual([
    'aaa\nbbb\n',
    'c\n',
    'dddddddddddd\n',
    'e\n',
  ]);
  expect(pieces([], 8)).toEqual([]);
});
