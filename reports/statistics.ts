/** The few tests that compare a simulated distribution with a measured one. */
import seedrandom from 'seedrandom';
import { quantile } from './quantile.ts';

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** The mean of the middle two for an even count. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Percentile bootstrap of the median; deterministic. */
export function medianInterval(values: readonly number[], level = 0.95, rounds = 10_000): readonly [number, number] {
  const random = seedrandom('bootstrap');
  const medians = Array.from({ length: rounds }, () =>
    median(Array.from(values, () => values[Math.floor(random() * values.length)]!)),
  ).sort((a, b) => a - b);
  const tail = (1 - level) / 2;
  return [quantile(medians, tail)!, quantile(medians, 1 - tail)!];
}

/** The largest distance between two empirical distribution functions. */
export function ksDistance(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ascending(a), ascending(b)];
  let [i, j, distance] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const at = Math.min(x[i]!, y[j]!);
    while (i < x.length && x[i]! <= at) i += 1;
    while (j < y.length && y[j]! <= at) j += 1;
    distance = Math.max(distance, Math.abs(i / x.length - j / y.length));
  }
  return distance;
}

/**
 * Two-sample Kolmogorov–Smirnov, exact: the share of all interleavings of the two samples whose distance is at least
 * the one seen, counted along lattice paths.
 */
export function kolmogorovSmirnov(
  a: readonly number[],
  b: readonly number[],
): { readonly distance: number; readonly p: number } {
  const distance = ksDistance(a, b);
  const [n, m] = [a.length, b.length];
  const outside = (i: number, j: number) => Math.abs(i / n - j / m) >= distance - 1e-12;
  // inside[j]: probability that a random path from (0,0) reaches (i,j) without having left the band.
  let inside = new Float64Array(m + 1);
  for (let i = 0; i <= n; i += 1) {
    const row = new Float64Array(m + 1);
    for (let j = 0; j <= m; j += 1) {
      if (i === 0 && j === 0) row[j] = outside(0, 0) ? 0 : 1;
      else if (!outside(i, j)) {
        const left = n + m - (i + j) + 1;
        const fromA = i > 0 ? inside[j]! * ((n - i + 1) / left) : 0;
        const fromB = j > 0 ? row[j - 1]! * ((m - j + 1) / left) : 0;
        row[j] = fromA + fromB;
      }
    }
    inside = row;
  }
  return { distance, p: Math.min(1, Math.max(0, 1 - inside[m]!)) };
}

/** Holm's step-down correction: which of the hypotheses fall at `level`. Order is kept. */
export function holm(ps: readonly number[], level = 0.05): boolean[] {
  const order = ps.map((p, index) => ({ p, index })).sort((x, y) => x.p - y.p);
  const rejected = ps.map(() => false);
  for (const [rank, { p, index }] of order.entries()) {
    if (p > level / (ps.length - rank)) break;
    rejected[index] = true;
  }
  return rejected;
}

/** log(probability^count), with 0^0 = 1. */
const logPower = (count: number, probability: number): number => (count === 0 ? 0 : count * Math.log(probability));

/** Exact two-sided binomial test: the probability of all outcomes no likelier than `k` of `n`. */
export function binomialTest(k: number, n: number, share: number): number {
  const likelihood = (successes: number): number => {
    let log = 0;
    for (let i = 1; i <= successes; i += 1) log += Math.log((n - successes + i) / i);
    return Math.exp(log + logPower(successes, share) + logPower(n - successes, 1 - share));
  };
  const seen = likelihood(k);
  let p = 0;
  for (let successes = 0; successes <= n; successes += 1) {
    const each = likelihood(successes);
    if (each <= seen * (1 + 1e-9)) p += each;
  }
  return Math.min(1, p);
}
