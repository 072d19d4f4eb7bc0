/** Runs as JUnit's XML, which CI services show as tests: a suite for each file of stories, a case for each run. */
import type { RunRecord } from '../core/trace.ts';
import { element, escape } from './html/markup.ts';
import { seconds } from './words.ts';

/** What is kept of a run until all are over. */
export interface JUnitRun extends Pick<RunRecord, 'scenario' | 'seed' | 'wallMs' | 'violations' | 'reproduce'> {
  /** The story's file. */
  readonly file: string;
}

/** The document; the first violation is what a run failed with, times are those of the machine. */
export function junit(runs: readonly JUnitRun[]): string {
  const suites = [...new Set(runs.map(({ file }) => file))].map((name) => {
    const cases = runs.filter(({ file }) => file === name);
    return element('testsuite', { name, ...counts(cases) }, `\n${cases.map(testCase).join('\n')}\n`);
  });
  const all = element('testsuites', { name: 'steamer', ...counts(runs) }, `\n${suites.join('\n')}\n`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${all}\n`;
}

const wallSeconds = (ms: number): string => (ms / 1000).toFixed(3);

const counts = (runs: readonly JUnitRun[]): Record<string, string | number> => ({
  tests: runs.length,
  failures: runs.filter(({ violations }) => violations.length > 0).length,
  errors: 0,
  skipped: 0,
  time: wallSeconds(runs.reduce((sum, { wallMs }) => sum + wallMs, 0)),
});

function testCase({ file, scenario, seed, wallMs, violations, reproduce }: JUnitRun): string {
  const attributes = { classname: file, name: printable(`${scenario}, seed ${seed}`), time: wallSeconds(wallMs) };
  const [first] = violations;
  if (first === undefined) return element('testcase', attributes);
  const lines = violations.map(({ checker, at, message }) => `${seconds(at)}  ${checker}: ${message}`);
  const failure = {
    type: first.checker,
    // A newline in an attribute is read as a space.
    message: printable(first.message.split('\n')[0]!),
  };
  const text = escape(printable([...lines, `reproduce: ${reproduce}`].join('\n')));
  return element('testcase', attributes, element('failure', failure, text));
}

/** Without what no XML document may hold, however it is written. */
const printable = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  text.replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu, '\ufffd');
