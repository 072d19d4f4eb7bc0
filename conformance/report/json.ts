/** The result for programs. */
import type { Report } from '../conform.ts';

export function jsonReport({ target, against, rows, cases }: Report): string {
  const operations = rows.map(({ operation: { id, area }, verdict, cells }) => ({
    operation: id,
    area,
    verdict,
    cells: Object.fromEntries(cells),
  }));
  return `${JSON.stringify({ target, against, operations, cases }, undefined, 1)}\n`;
}
