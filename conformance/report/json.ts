/** The result for programs. */
import { changesOf } from '../changes.ts';
import type { Report } from '../conform.ts';

export function jsonReport({ target, against, rows, cases, left, documents }: Report): string {
  const operations = rows.map(({ operation: { id, area }, verdict, cells }) => ({
    operation: id,
    area,
    verdict,
    cells: Object.fromEntries(
      [...cells].map(([kind, { verdict, asked, differences }]) => [
        kind,
        { verdict, count: asked.length, differences },
      ]),
    ),
  }));
  return `${JSON.stringify({ target, against, operations, documents, changes: changesOf(cases), cases, left }, undefined, 1)}\n`;
}
