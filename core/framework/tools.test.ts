import { describe, expect, test } from 'vitest';
import { madeRandom } from './tools.ts';

const random = { bytes: (length: number) => new Uint8Array(length), below: () => 0 };
const made = (bytes: number, urlbytes = '', source = '') =>
  madeRandom(random, { bytes, format: 'hex', source, urlbytes });

describe('random bytes', () => {
  test('are at least one and at most 128 KiB', () => {
    expect(made(1)).toEqual({ random_bytes: '00' });
    expect(made(131_072)).toEqual({ random_bytes: '00'.repeat(131_072) });
    expect(() => made(0)).toThrow("'bytes' cannot be less than 1");
    expect(() => made(131_073)).toThrow("'bytes' should be less than 131072");
  });

  test('are as many as the URL says, where it says so', () => {
    expect(made(9, '2', 'all')).toEqual({ random_bytes: '0000' });
    expect(made(9, '', '3')).toEqual({ random_bytes: '000000' });
    expect(() => made(9, '', 'x')).toThrow('error parsing url-set byte count');
  });
});
