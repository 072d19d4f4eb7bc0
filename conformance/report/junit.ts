/** The result as JUnit's XML: a suite an area, a test an operation and one a case. */
import type { Report } from '../conform.ts';
import { differenceText } from './table.ts';

// XML has no way to write most control characters.
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;
const escape = (text: string): string =>
  text
    .replace(UNPRINTABLE, '?')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');

export function junitReport({ rows, cases, target, against }: Report): string {
  const areas = [...new Set(rows.map(({ operation }) => operation.area))].sort();
  const suites = areas.map((area) => {
    const own = rows.filter(({ operation }) => operation.area === area);
    const tests = own.map(({ operation, verdict, cells }) => {
      const found = [...cells.values()].flatMap(({ differences }) => differences);
      const inner =
        verdict === 'differs'
          ? `<failure message="${found.length} differences">${escape(found.map(differenceText).join('\n'))}</failure>`
          : verdict === 'same'
            ? ''
            : `<skipped message="${verdict}"/>`;
      return `    <testcase classname="${escape(area)}" name="${escape(operation.id)}">${inner}</testcase>`;
    });
    return suite(area, tests);
  });
  const played = cases.map(({ name, differences, broken }) => {
    const text = [...(broken === undefined ? [] : [broken]), ...differences.map(differenceText)].join('\n');
    return `    <testcase classname="cases" name="${escape(name)}">${text === '' ? '' : `<failure message="${differences.length} differences">${escape(text)}</failure>`}</testcase>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escape(`${target} against ${against}`)}">\n${[...suites, suite('cases', played)].join('\n')}\n</testsuites>\n`;
}

function suite(name: string, tests: readonly string[]): string {
  const count = (mark: string): number => tests.filter((test) => test.includes(`<${mark} `)).length;
  return `  <testsuite name="${escape(name)}" tests="${tests.length}" failures="${count('failure')}" skipped="${count('skipped')}">\n${tests.join('\n')}\n  </testsuite>`;
}
