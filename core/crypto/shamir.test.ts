import { fc, it as prop } from '@fast-check/vitest';
import { combine as theirCombine, split as theirSplit } from 'shamir-secret-sharing';
import { describe, expect, it } from 'vitest';
import { drbg } from './drbg.ts';
import { combine, joinKey, split, splitKey } from './shamir.ts';

/** A small seeded Random. */
function randomFrom(seed: number) {
  const bytes = drbg(Uint8Array.of(seed & 255, seed >>> 8));
  const below = (bound: number): number => {
    const [a, b, c, d] = bytes(4);
    return (((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0) % bound;
  };
  return { bytes, below };
}

const share = (...bytes: number[]) => Uint8Array.from(bytes);

const shape = fc
  .integer({ min: 2, max: 12 })
  .chain((parts) => fc.tuple(fc.constant(parts), fc.integer({ min: 2, max: parts })));
const secret = fc.uint8Array({ minLength: 1, maxLength: 40 });

describe('Shamir shares', () => {
  prop.prop([secret, shape, fc.nat(65535)])(
    'combine from any threshold of them',
    (secret, [parts, threshold], seed) => {
      const random = randomFrom(seed);
      const shares = split(secret, parts, threshold, random);
      expect(shares).toHaveLength(parts);
      for (const share of shares) expect(share).toHaveLength(secret.length + 1);
      const start = random.below(parts);
      const chosen = Array.from({ length: threshold }, (_, i) => shares[(start + i) % parts]!);
      expect(combine(chosen)).toEqual(secret);
    },
  );

  prop.prop([secret, shape, fc.nat(65535)], { numRuns: 30 })(
    'are those of the npm package shamir-secret-sharing, both ways',
    async (secret, [parts, threshold], seed) => {
      const ours = split(secret, parts, threshold, randomFrom(seed));
      expect(await theirCombine(ours.slice(-threshold))).toEqual(secret);
      const theirs = await theirSplit(secret, parts, threshold);
      expect(combine(theirs.slice(0, threshold))).toEqual(secret);
    },
  );

  it('have distinct, shuffled x in their last byte, never 0', () => {
    const xs = split(Uint8Array.of(1), 255, 2, randomFrom(1)).map((share) => share.at(-1)!);
    expect([...xs].sort((a, b) => a - b)).toEqual(Array.from({ length: 255 }, (_, i) => i + 1));
    expect(xs).not.toEqual([...xs].sort((a, b) => a - b));
  });

  it('give a wrong secret, without an error, below the threshold', () => {
    const secret = new Uint8Array(32).fill(9);
    const shares = split(secret, 5, 3, randomFrom(2));
    expect(combine(shares.slice(0, 2))).not.toEqual(secret);
  });

  it('are the key itself when there is only one', () => {
    const key = new Uint8Array(32).fill(5);
    const shares = splitKey(key, 1, 1, randomFrom(3));
    expect(shares).toEqual([key]);
    expect(joinKey(shares, 1)).toEqual(key);
    expect(joinKey(splitKey(key, 5, 3, randomFrom(3)).slice(2), 3)).toEqual(key);
  });

  it("are refused with upstream's texts", () => {
    expect(() => combine([share(1, 2)])).toThrow('less than two parts cannot be used to reconstruct the secret');
    expect(() => combine([share(1), share(2)])).toThrow('parts must be at least two bytes');
    expect(() => combine([share(1, 2), share(1, 2, 3)])).toThrow('all parts must be the same length');
    expect(() => combine([share(1, 2), share(3, 2)])).toThrow('duplicate part detected');
    const random = randomFrom(4);
    expect(() => split(share(1), 1, 2, random)).toThrow('parts cannot be less than threshold');
    expect(() => split(share(1), 256, 2, random)).toThrow('parts cannot exceed 255');
    expect(() => split(share(1), 2, 1, random)).toThrow('threshold must be at least 2');
    expect(() => split(share(), 2, 2, random)).toThrow('cannot split an empty secret');
  });
});
