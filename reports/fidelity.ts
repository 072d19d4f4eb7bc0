/** Holds simulated failover times against measured ones, a row for each fault and multiplier. */
import { binomialTest, holm, kolmogorovSmirnov, median, medianInterval } from './statistics.ts';

/** Milliseconds, trial by trial. */
export interface FidelityRow {
  readonly multiplier: number;
  readonly fault: string;
  readonly real: readonly number[];
  readonly ours: readonly number[];
}

export interface Judged extends FidelityRow {
  readonly realMedian: number;
  /** 95 % bootstrap interval of the real median. */
  readonly interval: readonly [number, number];
  readonly ourMedian: number;
  /** Of the medians, and of the whole distribution after Holm's correction over the family. */
  readonly medianHolds: boolean;
  readonly distance: number;
  /** Kolmogorov–Smirnov; for a step-down the binomial test of the share of fast answers. */
  readonly p: number;
  readonly told: boolean;
  /** Of a step-down: answers before the leader let go. */
  readonly fast?: { readonly real: number; readonly ours: number };
}

/** A write that is answered within this was taken before the leader let go of its office. */
const FAST = 250;

export const rowName = ({ multiplier, fault }: { multiplier: number; fault: string }): string =>
  `${fault} ×${multiplier}`;

export function judge(rows: readonly FidelityRow[], level = 0.05): Judged[] {
  const judged = rows.map((row) => (row.fault === 'stepdown' ? judgeStepDown(row) : judgeWhole(row)));
  const told = holm(
    judged.map(({ p }) => p),
    level,
  );
  return judged.map((row, index) => ({ ...row, told: told[index]! }));
}

function judgeWhole(row: FidelityRow): Judged {
  const { distance, p } = kolmogorovSmirnov(row.real, row.ours);
  return { ...medians(row, row.real, row.ours), distance, p, told: false };
}

const slow = (times: readonly number[]): number[] => times.filter((time) => time >= FAST);

/** Two modes: how often the fast one comes up, and where the slow one lies. */
function judgeStepDown(row: FidelityRow): Judged {
  const [real, ours] = [slow(row.real), slow(row.ours)];
  const fast = { real: 1 - real.length / row.real.length, ours: 1 - ours.length / row.ours.length };
  const p = binomialTest(row.real.length - real.length, row.real.length, fast.ours);
  return { ...medians(row, real, ours), distance: kolmogorovSmirnov(real, ours).distance, p, told: false, fast };
}

function medians(row: FidelityRow, real: readonly number[], ours: readonly number[]) {
  const interval = medianInterval(real);
  const ourMedian = median(ours);
  return {
    ...row,
    realMedian: median(real),
    interval,
    ourMedian,
    medianHolds: interval[0] <= ourMedian && ourMedian <= interval[1],
  };
}

/** A table for the terminal and for Markdown. */
export function fidelityTable(judged: readonly Judged[]): string {
  const head = ['row', 'real n', 'real median [95 %]', 'our n', 'our median', 'inside', 'distance', 'p', 'Holm, 5 %'];
  const rows = judged.map((row) => [
    rowName(row) + (row.fast === undefined ? '' : `, fast ${share(row.fast.real)} / ${share(row.fast.ours)}`),
    String(row.real.length),
    `${ms(row.realMedian)} [${ms(row.interval[0])}–${ms(row.interval[1])}]`,
    String(row.ours.length),
    ms(row.ourMedian),
    row.medianHolds ? 'yes' : 'no',
    row.distance.toFixed(3),
    row.p.toFixed(3),
    row.told ? 'differs' : 'not told apart',
  ]);
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}

const ms = (value: number): string => Math.round(value).toLocaleString('en');
const share = (value: number): string => `${Math.round(value * 100)} %`;
