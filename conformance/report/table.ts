/** The result as text: areas by verdict, then what differs. */
import type { Report, Verdict } from '../conform.ts';
import type { Difference } from '../differ.ts';
import { grouped } from './changes.ts';

const VERDICTS: readonly Verdict[] = ['same', 'differs', 'not covered', 'not implemented'];

/** Operations that the target does not have or that can only be refused, cases that were left out: nothing is passed over in silence. */
export function absentText({ rows, left }: Report): string {
  const absent = rows.filter(({ verdict }) => verdict === 'not implemented').map(({ operation }) => operation.id);
  return [
    ...(absent.length === 0
      ? []
      : [`not implemented (${absent.length}):`, ...grouped(absent).map((line) => `  ${line}`)]),
    ...left.map((line) => `left out: ${line}`),
    ...rows
      .filter(({ verdict, succeeded, unreachable }) => verdict === 'same' && !succeeded && unreachable !== undefined)
      .map(({ operation, unreachable }) => `only refused: ${operation.id}: ${unreachable}`),
  ].join('\n');
}

export function summaryTable({ rows, target, against }: Report): string {
  const areas = [...new Set(rows.map(({ operation }) => operation.area))].sort();
  const line = (name: string, own: readonly { verdict: Verdict }[]): string =>
    [
      name.padEnd(14),
      ...VERDICTS.map((verdict) =>
        String(own.filter((row) => row.verdict === verdict).length).padStart(verdict.length),
      ),
    ].join('  ');
  return [
    `${target} against ${against}: operations`,
    [''.padEnd(14), ...VERDICTS].join('  '),
    ...areas.map((area) =>
      line(
        area,
        rows.filter(({ operation }) => operation.area === area),
      ),
    ),
    line('all', rows),
  ].join('\n');
}

export function differenceText({ request, kind, at, expected, actual }: Difference): string {
  return `  ${request}\n    ${kind} at ${at}\n${marked('-', expected)}\n${marked('+', actual)}`;
}

const marked = (mark: string, text: string): string =>
  text
    .split('\n')
    .map((line) => `      ${mark} ${line}`)
    .join('\n');
