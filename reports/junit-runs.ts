/** Runs as JUnit's tests: a suite for each file of stories, a case for each run. */
import type { RunRecord } from '../core/trace.ts';
import { junitDocument, type JUnitCase } from './junit.ts';
import { seconds } from './words.ts';

/** What is kept of a run until all are over. */
export interface JUnitRun extends Pick<RunRecord, 'scenario' | 'seed' | 'wallMs' | 'violations' | 'reproduce'> {
  /** The story's file. */
  readonly file: string;
}

/** The document; the first violation is what a run failed with, times are those of the machine. */
export function junitRuns(runs: readonly JUnitRun[]): string {
  const files = [...new Set(runs.map(({ file }) => file))];
  const suites = files.map((name) => ({ name, cases: runs.filter(({ file }) => file === name).map(caseOf) }));
  return junitDocument('steamer', suites);
}

function caseOf({ scenario, seed, wallMs, violations, reproduce }: JUnitRun): JUnitCase {
  const named = { name: `${scenario}, seed ${seed}`, wallMs };
  const [first] = violations;
  if (first === undefined) return named;
  const lines = violations.map(({ checker, at, message }) => `${seconds(at)}  ${checker}: ${message}`);
  const text = [...lines, `reproduce: ${reproduce}`].join('\n');
  return { ...named, failure: { type: first.checker, message: first.message.split('\n')[0]!, text } };
}
