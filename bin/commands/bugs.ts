/** `steamer bugs [NAME…]`: plants each known bug in a process of its own and plays stories until a checker finds it. */
import { availableParallelism } from 'node:os';
import { bugs } from '../../bugs/all.ts';
import type { Bug } from '../../bugs/bug.ts';
import { parseFlags, UsageError } from '../flags.ts';
import { hunt, type Catch } from '../run/hunt.ts';
import { choiceFlags, choices, wholeNumber } from '../run/choices.ts';
import type { Task } from '../run/play.ts';

const usage = `Usage: steamer bugs [options] [NAMES; default: all]

  --seed N    the first seed (default 1)
  --seeds N   how many seeds to try, dealt out over a bug's stories (default 200)
  --jobs N    bugs at a time (default: one a core)
  --clean     also play the seed that found a bug with the source as it is: it has to pass`;

export async function command(words: readonly string[]): Promise<number> {
  if (words.some((word) => ['-h', '-help', '--help'].includes(word))) {
    console.log(usage);
    return 0;
  }
  const flags = parseFlags(words, { seed: 'string', seeds: 'string', jobs: 'string', clean: 'boolean' });
  const seeds = { first: wholeNumber(flags, 'seed', 1), count: wholeNumber(flags, 'seeds', 200, 1) };
  const jobs = wholeNumber(flags, 'jobs', availableParallelism(), 1);
  const chosen = flags.rest.length === 0 ? bugs : flags.rest.map(named);
  const width = Math.max(...chosen.map(({ name }) => name.length));
  const catches: Catch[] = [];
  const queue = [...chosen];
  const work = async (): Promise<void> => {
    for (let bug = queue.shift(); bug !== undefined; bug = queue.shift()) {
      const found = await hunt(bug, seeds);
      if (found !== undefined) catches.push(found);
      console.log(`${bug.name.padEnd(width)}  ${line(found, seeds.count)}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, queue.length) }, work));
  const blamed = flags.boolean('clean') ? await fails(catches, jobs) : new Set<string>();
  const caught = catches.filter((each) => !blamed.has(runOf(each))).length;
  console.log(
    `${caught} of ${chosen.length} bugs caught${flags.boolean('clean') ? ', where the source as it is passes' : ''}`,
  );
  return caught === chosen.length ? 0 : 1;
}

function named(name: string): Bug {
  const bug = bugs.find((candidate) => candidate.name === name);
  if (bug === undefined)
    throw new UsageError(`${name}: there is no such bug; known: ${bugs.map((each) => each.name).join(', ')}`);
  return bug;
}

const line = (found: Catch | undefined, seeds: number): string =>
  found === undefined
    ? `NOT CAUGHT within ${seeds} seeds`
    : `caught by "${found.checker}"  ${found.story}  seed ${found.seed} (run ${found.runs}): ${found.message.split('\n')[0]}`;

const runOf = ({ file, seed }: { readonly file: string; readonly seed: number }): string => `${file} ${seed}`;

/** Plays with the source as it is what bugs were caught by; which of these runs fail without a bug too. */
async function fails(catches: readonly Catch[], jobs: number): Promise<ReadonlySet<string>> {
  const { stories } = await import('../run/stories.ts');
  const { playAll } = await import('../run/pool.ts');
  const runs = new Map(catches.map((each) => [runOf(each), each]));
  const tasks: Task[] = [];
  for (const { file, seed } of runs.values())
    for (const story of (await stories(file)).keys()) tasks.push({ file, story, seed });
  const failed = new Set<string>();
  await playAll(
    tasks,
    choices(parseFlags([], choiceFlags)),
    jobs,
    { all: false, coverage: false },
    (task, { verdict, scenario }) => {
      if (verdict === 'failed') {
        failed.add(runOf(task));
        console.log(`${scenario}, seed ${task.seed}, fails without a bug too`);
      }
      return true;
    },
  );
  console.log(`${tasks.length} runs of the source as it is: ${failed.size === 0 ? 'all pass' : `${failed.size} fail`}`);
  return failed;
}
