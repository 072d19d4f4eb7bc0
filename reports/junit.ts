/** JUnit's XML, which CI services show as tests. */
import { element, escape } from './html/markup.ts';

export interface JUnitSuite {
  readonly name: string;
  readonly cases: readonly JUnitCase[];
}

export interface JUnitCase {
  readonly name: string;
  /** How long it took, in ms by the clock; left out where nobody measured it. */
  readonly wallMs?: number;
  readonly failure?: { readonly type?: string; readonly message: string; readonly text: string };
  /** Why nothing was tried. */
  readonly skipped?: string;
}

/** The document. Newlines in messages, and what no XML may hold, are replaced. */
export function junitDocument(name: string, suites: readonly JUnitSuite[]): string {
  const inner = suites.map((suite) =>
    element(
      'testsuite',
      { name: printable(suite.name), ...counts(suite.cases) },
      `\n${suite.cases.map((each) => testCase(suite.name, each)).join('\n')}\n`,
    ),
  );
  const all = counts(suites.flatMap(({ cases }) => cases));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: printable(name), ...all }, `\n${inner.join('\n')}\n`)}\n`;
}

function counts(cases: readonly JUnitCase[]): Record<string, string | number> {
  const spent = cases.flatMap(({ wallMs }) => wallMs ?? []);
  return {
    tests: cases.length,
    failures: cases.filter(({ failure }) => failure !== undefined).length,
    errors: 0,
    skipped: cases.filter(({ skipped }) => skipped !== undefined).length,
    ...(spent.length === 0 ? {} : { time: wallSeconds(spent.reduce((sum, each) => sum + each, 0)) }),
  };
}

function testCase(suite: string, { name, wallMs, failure, skipped }: JUnitCase): string {
  const time = wallMs === undefined ? {} : { time: wallSeconds(wallMs) };
  const attributes = { classname: printable(suite), name: printable(name), ...time };
  if (failure !== undefined) {
    const type = failure.type === undefined ? {} : { type: failure.type };
    const told = { ...type, message: printable(failure.message.replaceAll('\n', ' ')) };
    return element('testcase', attributes, element('failure', told, escape(printable(failure.text))));
  }
  return element('testcase', attributes, skipped === undefined ? '' : element('skipped', { message: skipped }));
}

const wallSeconds = (ms: number): string => (ms / 1000).toFixed(3);

const printable = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  text.replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu, '\ufffd');
