import { describe, expect, it } from 'vitest';
import { cryptoContract } from './contract.ts';
import { drbg } from './drbg.ts';
import { portableCrypto } from './portable.ts';

describe('the portable crypto', () => {
  const crypto = portableCrypto();
  for (const { name, check } of cryptoContract) it(name, () => check(crypto));
});

describe('the seeded generator', () => {
  it('gives the same bytes for a seed, however the draws are cut', () => {
    const whole = drbg(Uint8Array.of(1, 2, 3))(10_000);
    const cut = drbg(Uint8Array.of(1, 2, 3));
    const parts: number[] = [];
    for (const length of [0, 1, 12, 16, 2000, 5000, 2971]) parts.push(...cut(length));
    expect(Uint8Array.from(parts)).toEqual(whole);
  });

  it('gives other bytes for another seed and does not repeat itself', () => {
    const a = drbg(Uint8Array.of(1));
    const draws = new Set(Array.from({ length: 5000 }, () => a(12).join()));
    expect(draws.size).toBe(5000);
    expect(drbg(Uint8Array.of(2))(16)).not.toEqual(drbg(Uint8Array.of(1))(16));
  });
});
