/** `steamer run [FILES]`: plays stories under seeds and says what held and what did not. */
import { availableParallelism } from 'node:os';
import { parseFlags, UsageError } from '../flags.ts';
import { choiceFlags, type Choices, choices, plantChosen, wholeNumber } from '../run/choices.ts';
import type { JUnitRun } from '../../reports/junit-runs.ts';
import type { Task } from '../run/play.ts';
import { startProgress } from '../run/progress.ts';
import type { Played } from '../run/pool.ts';

const usage = `Usage: steamer run [options] [FILES or folders; default: scenarios]

  --seed N         the first seed (default 1)
  --seeds N        how many seeds, one after another (default 1)
  --deal           deal the seeds out over the stories in turn, instead of all of them to each
  --only NAME      only the story of this name
  --jobs N         threads (default: one a core for several runs)
  --json           one JSON object a run
  --junit FILE     the runs as JUnit's XML, for CI services that show tests
  --coverage       say which interesting states the runs came to, and where first
  --covered        likewise, and fail if there is one that none came to
  --report         timeline, latency chart, and a page in reports/out/index.html (the last run's)
  --bail           stop at the first run that fails
  --until WHAT     end (default): tell each story to its end; violation: end a run at the first one
  --crypto NAME    node or noble: same bits, other speed
  --pump NAME      node or portable: same bits, other speed
  --without LIST   of a single run: without these of its faults, e.g. 3,5-9 (see steamer shrink)
  --hash-log FILE  of a single run: the rolling hash after each event, to compare two runs
  --bug NAME       plant a bug first (see bugs/)`;

const known = {
  ...choiceFlags,
  seed: 'string',
  seeds: 'string',
  jobs: 'string',
  json: 'boolean',
  junit: 'string',
  coverage: 'boolean',
  covered: 'boolean',
  report: 'boolean',
  bail: 'boolean',
  deal: 'boolean',
  only: 'string',
  'hash-log': 'string',
} as const;

export async function command(words: readonly string[]): Promise<number> {
  if (words.some((word) => ['-h', '-help', '--help'].includes(word))) {
    console.log(usage);
    return 0;
  }
  const flags = parseFlags(words, known);
  const chosen = choices(flags);
  const first = wholeNumber(flags, 'seed', 1);
  const seeds = wholeNumber(flags, 'seeds', 1, 1);
  const jobs = wholeNumber(flags, 'jobs', availableParallelism(), 1);
  await plantChosen(chosen.bug);
  const { tellings } = await import('../run/stories.ts');
  const { playAll } = await import('../run/pool.ts');
  const { Coverage } = await import('../run/coverage.ts');
  const print = await import('../run/print.ts');
  const files = await import('../run/files.ts');

  if (first + seeds - 1 > Number.MAX_SAFE_INTEGER)
    throw new UsageError('--seed and --seeds together leave the safe integers');
  const told = await tellings(flags.rest.length > 0 ? flags.rest : ['scenarios'], flags.string('only'));
  const all = Array.from({ length: seeds }, (_, index) => first + index);
  const tasks: Task[] = flags.boolean('deal')
    ? all.map((seed, index) => ({ ...told[index % told.length]!, seed }))
    : told.flatMap((story) => all.map((seed) => ({ ...story, seed })));
  if (chosen.without.length > 0 && tasks.length > 1)
    throw new UsageError('--without wants a single run, whose faults have these numbers: one story and one seed');
  const hashLog = flags.string('hash-log');
  if (hashLog !== undefined) return traceHashes(tasks, chosen, hashLog);

  const single = tasks.length === 1;
  const report = flags.boolean('report');
  let [failed, played] = [0, 0];
  let last: Played | undefined;
  const junit = flags.string('junit');
  const cases: JUnitRun[] = [];
  // Before an hour is played, not after it.
  if (junit !== undefined) files.writeJUnit(junit, cases);
  const started = performance.now();
  const progress =
    flags.boolean('json') || single
      ? undefined
      : startProgress(() => {
          const rate = (played / (performance.now() - started)) * 1000;
          return `${played}/${tasks.length} runs, ${failed} failed, ${rate.toFixed(1)} a second`;
        });
  const covered = flags.boolean('covered');
  const coverage = covered || flags.boolean('coverage') ? new Coverage() : undefined;
  await playAll(tasks, chosen, jobs, { all: report, coverage: coverage !== undefined }, (task, result) => {
    coverage?.add(result);
    played += 1;
    last = result;
    if (result.verdict === 'failed') failed += 1;
    progress?.clear();
    if (junit !== undefined) cases.push(caseOf(task, result));
    if (flags.boolean('json')) console.log(print.jsonLine(result));
    else if (single || result.verdict === 'failed') console.log(print.summaryLine(result));
    if (result.verdict === 'failed') {
      const capsule = files.writeCapsule(result, task, chosen);
      if (!flags.boolean('json')) console.log(`${print.failureText(result)}\n    capsule: ${capsule}`);
    }
    return !(flags.boolean('bail') && failed > 0);
  });
  progress?.stop();
  if (junit !== undefined) files.writeJUnit(junit, cases);
  if (report && last !== undefined) {
    if (!flags.boolean('json')) console.log(print.storyText(last));
    console.log(`\npage: ${files.writePage(last)}`);
    files.writeCapsule(last, tasks[played - 1]!, chosen);
  }
  if (!flags.boolean('json') && !single) console.log(`${played - failed} passed, ${failed} failed`);
  if (coverage !== undefined)
    console.log(flags.boolean('json') ? JSON.stringify({ coverage: coverage.states }) : `\n${coverage.text()}`);
  return failed === 0 && !(covered && coverage!.missing.length > 0) ? 0 : 1;
}

/** What the document of JUnit tells of a run; runs may be a million, so no more is kept. */
const caseOf = ({ file }: Task, { scenario, seed, wallMs, violations, reproduce }: Played): JUnitRun => ({
  file,
  scenario,
  seed,
  wallMs,
  violations,
  reproduce,
});

/** Plays one run with the hash kept after every event, and writes those. */
async function traceHashes(tasks: readonly Task[], chosen: Choices, path: string): Promise<number> {
  const [task] = tasks;
  if (task === undefined || tasks.length > 1)
    throw new UsageError('--hash-log wants a single run: one story and one seed');
  const { play } = await import('../run/play.ts');
  const result = await play(task, chosen, { hashLog: true });
  const { writeFileSync } = await import('node:fs');
  writeFileSync(path, result.hashLog!.text());
  return result.verdict === 'passed' ? 0 : 1;
}
