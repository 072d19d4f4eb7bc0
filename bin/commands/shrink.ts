/** `steamer shrink`: leaves out of a failed run the faults without which it fails in the same way. */
import { parseFlags, UsageError } from '../flags.ts';
import { choiceFlags, type Choices, choices, plantChosen, wholeNumber } from '../run/choices.ts';
import type { Task } from '../run/play.ts';
import { startProgress } from '../run/progress.ts';
import { openCapsule } from '../run/recorded-run.ts';

const usage = `Usage: steamer shrink CAPSULE
       steamer shrink [options] FILE

Leaves out, one set after another, faults that nemeses drew and a story has on its timetable, until every one that is
left is needed for the same violation: the same checker says the same. Prints what is left, and writes a capsule.

  --seed N         the seed (default 1)
  --only NAME      the story, where the file tells several
  --without LIST   faults that are left out anyhow, e.g. 3,5-9
  --crypto NAME    node or noble: same bits, other speed
  --pump NAME      node or portable: same bits, other speed
  --bug NAME       plant a bug first (see bugs/)`;

export async function command(words: readonly string[]): Promise<number> {
  if (words.some((word) => ['-h', '-help', '--help'].includes(word))) {
    console.log(usage);
    return 0;
  }
  const { task, chosen } = await runOf(words);
  const { shrink } = await import('../run/shrink.ts');
  const { lighten } = await import('../run/pool.ts');
  const print = await import('../run/print.ts');
  const files = await import('../run/files.ts');
  let line = 'playing the run as it was';
  const progress = startProgress(() => line);
  try {
    const shrunk = await shrink(task, chosen, (left, runs) => {
      line = `${left} faults left, ${runs} runs`;
    });
    progress.stop();
    const result = lighten(shrunk.result, true);
    console.log(
      `${print.shrunkText(shrunk, result)}\n    capsule: ${files.writeCapsule(result, task, shrunk.choices)}`,
    );
    return 0;
  } finally {
    progress.stop();
  }
}

async function runOf(words: readonly string[]): Promise<{ readonly task: Task; readonly chosen: Choices }> {
  const flags = parseFlags(words, { ...choiceFlags, seed: 'string', only: 'string' });
  const [path] = flags.rest;
  if (path === undefined || flags.rest.length > 1)
    throw new UsageError('Usage: steamer shrink CAPSULE, or: steamer shrink [options] FILE');
  if (path.endsWith('.json')) {
    if (words.length > 1) throw new UsageError(`${path}: a capsule says itself how it is played; no flags beside it`);
    return openCapsule(path);
  }
  const chosen = choices(flags);
  const seed = wholeNumber(flags, 'seed', 1);
  await plantChosen(chosen.bug);
  const { tellings } = await import('../run/stories.ts');
  const [story, another] = await tellings([path], flags.string('only'));
  if (another !== undefined) throw new UsageError(`${path}: tells several stories; name one with --only`);
  return { task: { ...story!, seed }, chosen };
}
