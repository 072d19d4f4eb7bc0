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
  /** Kolmogorov–Smirnov; where there are two modes, the binomial test of the share of fast answers. */
  readonly p: number;
  readonly told: boolean;
  /** Where there are two modes: the share of fast answers. The medians are then those of one mode. */
  readonly fast?: { readonly real: number; readonly ours: number };
}

/** What is slower had to wait: for the end of a step-down, or for the first try (300 ms) to be given up. */
const FAST = 250;
/**
 * Faults with two modes, and the mode whose median says more. After a step-down a fast write was taken before the
 * leader let go; when the leader ends in good order or seals, a slow one was first tried where it hung.
 */
const MODES: Readonly<Record<string, 'fast' | 'slow'>> = {
  stepdown: 'slow',
  restart: 'fast',
  terminate: 'fast',
  seal: 'fast',
};

export const rowName = ({ multiplier, fault }: { multiplier: number; fault: string }): string =>
  `${fault} ×${multiplier}`;

export function judge(rows: readonly FidelityRow[], level = 0.05): Judged[] {
  const judged = rows.map((row) => {
    const mode = MODES[row.fault];
    return mode === undefined ? judgeWhole(row) : judgeModes(row, mode);
  });
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

const quick = (times: readonly number[]): number[] => times.filter((time) => time < FAST);
const slow = (times: readonly number[]): number[] => times.filter((time) => time >= FAST);

/** How often the fast mode comes up, and where the telling one lies. */
function judgeModes(row: FidelityRow, telling: 'fast' | 'slow'): Judged {
  const fastReal = quick(row.real).length;
  const fast = { real: fastReal / row.real.length, ours: quick(row.ours).length / row.ours.length };
  const p = binomialTest(fastReal, row.real.length, fast.ours);
  const mode = telling === 'fast' ? quick : slow;
  const [real, ours] = [mode(row.real), mode(row.ours)];
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
