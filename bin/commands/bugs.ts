/** `steamer bugs [NAME…]`: plants each known bug in a process of its own and plays stories until a checker finds it. */
import { availableParallelism } from 'node:os';
import { bugs } from '../../bugs/all.ts';
import type { Bug } from '../../bugs/bug.ts';
import { parseFlags, UsageError } from '../flags.ts';
import { hunt, type Catch } from '../run/hunt.ts';
import { wholeNumber } from '../run/choices.ts';

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
  let escaped = 0;
  const queue = [...chosen];
  const work = async (): Promise<void> => {
    for (let bug = queue.shift(); bug !== undefined; bug = queue.shift()) {
      const found = await hunt(bug, seeds);
      const innocent = found !== undefined && flags.boolean('clean') ? await isInnocent(found) : undefined;
      if (found === undefined || innocent === false) escaped++;
      console.log(`${bug.name.padEnd(width)}  ${line(found, seeds.count)}${remark(innocent)}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, queue.length) }, work));
  console.log(`${chosen.length - escaped} of ${chosen.length} bugs caught`);
  return escaped === 0 ? 0 : 1;
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

const remark = (innocent: boolean | undefined): string =>
  innocent === undefined ? '' : innocent ? '  (passes without it)' : '  BUT FAILS WITHOUT IT TOO';

async function isInnocent({ file, seed }: Catch): Promise<boolean> {
  const { playApart } = await import('../run/hunt.ts');
  return (await playApart([file, '--seed', String(seed)])).every(({ verdict }) => verdict === 'passed');
}
