/** Where a run leaves its page and its capsule. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { junitRuns, type JUnitRun } from '../../reports/junit-runs.ts';
import { page } from '../../reports/html/page.ts';
import { printCapsule } from '../../sim/capsule.ts';
import { UsageError } from '../flags.ts';
import { type Choices, printChoices } from './choices.ts';
import type { Task } from './play.ts';
import type { Played } from './pool.ts';

const OUT = 'reports/out';

/** The version of this program; capsules of another do not replay. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Writes the page; its path. */
export function writePage(run: Played): string {
  mkdirSync(OUT, { recursive: true });
  const path = join(OUT, 'index.html');
  writeFileSync(path, page(run));
  return path;
}

/** Writes the runs for a CI service. Throws UsageError where that is not possible. */
export function writeJUnit(path: string, runs: readonly JUnitRun[]): void {
  try {
    writeFileSync(path, junitRuns(runs));
  } catch (error) {
    throw new UsageError(`--junit ${path}: cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Writes what `steamer replay` needs; its path. */
export function writeCapsule(run: Played, { file }: Task, choices: Choices): string {
  mkdirSync(OUT, { recursive: true });
  const slug = run.scenario.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const path = join(OUT, `${slug}-${run.seed}${choices.without.length === 0 ? '' : '.shrunk'}.capsule.json`);
  writeFileSync(path, printCapsule(run, version(), file, printChoices(choices)));
  return path;
}
