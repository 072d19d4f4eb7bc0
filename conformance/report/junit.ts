/** The result as JUnit's XML: a suite an area, a test an operation and one a case. */
import { junitDocument, type JUnitCase } from '../../reports/junit.ts';
import type { Report } from '../conform.ts';
import { differenceText } from './table.ts';

export function junitReport({ rows, cases, target, against }: Report): string {
  const areas = [...new Set(rows.map(({ operation }) => operation.area))].sort();
  const suites = areas.map((name) => ({
    name,
    cases: rows.filter(({ operation }) => operation.area === name).map(operationCase),
  }));
  const played = cases.map(({ name, differences, broken }): JUnitCase => {
    const text = [...(broken === undefined ? [] : [broken]), ...differences.map(differenceText)].join('\n');
    return text === '' ? { name } : { name, failure: { message: `${differences.length} differences`, text } };
  });
  return junitDocument(`${target} against ${against}`, [...suites, { name: 'cases', cases: played }]);
}

function operationCase({ operation: { id: name }, verdict, cells }: Report['rows'][number]): JUnitCase {
  if (verdict === 'same') return { name };
  if (verdict !== 'differs') return { name, skipped: verdict };
  const found = [...cells.values()].flatMap(({ differences }) => differences);
  return { name, failure: { message: `${found.length} differences`, text: found.map(differenceText).join('\n') } };
}
