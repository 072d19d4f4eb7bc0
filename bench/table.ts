/** One line a row: ours, what it stands beside, the ratio, the budget. */
import { holds, type Row } from './row.ts';

const WIDTHS = [41, 24, 9, 32, 9, 22] as const;

const number = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, at) => (at === 2 || at === 4 ? cell.padStart(WIDTHS[at] ?? 0) : cell.padEnd(WIDTHS[at] ?? 0)))
    .join('  ')
    .trimEnd();

export const heading = (): string =>
  `${line(['what', 'unit', 'ours', 'beside', 'ratio', 'budget'])}\n${line(WIDTHS.map((width) => '-'.repeat(width)))}`;

export function rowText(row: Row): string {
  const { what, unit, ours, beside, budget } = row;
  return line([
    what,
    unit,
    number(ours),
    beside === undefined ? '' : `${beside.name}: ${number(beside.value)}`,
    beside === undefined ? '' : `${number(ours / beside.value)}×`,
    budget === undefined ? '' : budgetText(row, budget),
  ]);
}

function budgetText(row: Row, { value, atLeast, goal }: NonNullable<Row['budget']>): string {
  const limit = `${atLeast === true ? '≥' : '≤'} ${number(value)}`;
  return `${holds(row) ? '✓' : '✗'} ${limit}${goal === undefined ? '' : `, goal ${number(goal)}`}`;
}
