/**
 * Shamir's secret sharing over GF(2^8), polynomial 0x11B, byte by byte. A share is y1…yN followed by x as the last
 * byte; shares combine with OpenBao's and with the npm package shamir-secret-sharing.
 */
import { failure } from '../fault.ts';
import type { Random } from '../runtime.ts';

/** Powers of the generator 3, twice over so that a product needs no modulo, and their logarithms. */
const { exponent, logarithm } = fieldTables();

function fieldTables(): { exponent: Uint8Array; logarithm: Uint8Array } {
  const exponent = new Uint8Array(510);
  const logarithm = new Uint8Array(256);
  let power = 1;
  for (let i = 0; i < 255; i++) {
    exponent[i] = power;
    exponent[i + 255] = power;
    logarithm[power] = i;
    const doubled = power << 1;
    power ^= doubled > 0xff ? doubled ^ 0x11b : doubled;
  }
  return { exponent, logarithm };
}

const multiply = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : exponent[logarithm[a]! + logarithm[b]!]!);
const divide = (a: number, b: number): number => (a === 0 ? 0 : exponent[logarithm[a]! + 255 - logarithm[b]!]!);

/** Splits `secret` so that any `threshold` of `parts` shares give it back. Refuses with upstream's texts. */
export function split(
  secret: Uint8Array,
  parts: number,
  threshold: number,
  random: Pick<Random, 'bytes' | 'below'>,
): Uint8Array[] {
  if (parts < threshold) throw failure('parts cannot be less than threshold');
  if (parts > 255) throw failure('parts cannot exceed 255');
  if (threshold < 2) throw failure('threshold must be at least 2');
  if (threshold > 255) throw failure('threshold cannot exceed 255');
  if (secret.length === 0) throw failure('cannot split an empty secret');

  const xs = shuffledPoints(random);
  const degree = threshold - 1;
  const coefficients = random.bytes(secret.length * degree);
  return Array.from({ length: parts }, (_, part) => {
    const x = xs[part]!;
    const share = new Uint8Array(secret.length + 1);
    for (let i = 0; i < secret.length; i++) {
      let y = 0;
      for (let power = degree - 1; power >= 0; power--) y = multiply(y ^ coefficients[i * degree + power]!, x);
      share[i] = y ^ secret[i]!;
    }
    share[secret.length] = x;
    return share;
  });
}

/** The secret, by interpolation at 0. Too few or foreign shares give a wrong secret, not an error. */
export function combine(shares: readonly Uint8Array[]): Uint8Array {
  if (shares.length < 2) throw failure('less than two parts cannot be used to reconstruct the secret');
  const length = shares[0]!.length;
  if (length < 2) throw failure('parts must be at least two bytes');
  if (shares.some((share) => share.length !== length)) throw failure('all parts must be the same length');
  const xs = shares.map((share) => share[length - 1]!);
  if (new Set(xs).size !== xs.length) throw failure('duplicate part detected');

  const secret = new Uint8Array(length - 1);
  for (const [i, share] of shares.entries()) {
    let weight = 1;
    for (const [j, x] of xs.entries()) if (j !== i) weight = multiply(weight, divide(x, x ^ xs[i]!));
    for (let byte = 0; byte < secret.length; byte++) secret[byte]! ^= multiply(share[byte]!, weight);
  }
  return secret;
}

/** As the seal shares a key: a single share is the key itself, without an x. */
export function splitKey(
  key: Uint8Array,
  shares: number,
  threshold: number,
  random: Pick<Random, 'bytes' | 'below'>,
): Uint8Array[] {
  return shares === 1 ? [key.slice()] : split(key, shares, threshold, random);
}

/** What `splitKey` shared: with a threshold of one, the share is the key. */
export function joinKey(shares: readonly Uint8Array[], threshold: number): Uint8Array {
  return threshold === 1 ? shares[0]!.slice() : combine(shares);
}

/** 1…255 in random order; 0 would give the secret away. */
function shuffledPoints(random: Pick<Random, 'below'>): Uint8Array {
  const points = Uint8Array.from({ length: 255 }, (_, i) => i + 1);
  for (let i = points.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [points[i], points[j]] = [points[j]!, points[i]!];
  }
  return points;
}
