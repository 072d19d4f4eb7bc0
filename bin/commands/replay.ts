/** `steamer replay CAPSULE`: plays exactly the recorded run again, shows it, and compares the hash. */
import { readFileSync } from 'node:fs';
import { parseFlags, UsageError } from '../flags.ts';
import { choices, choiceFlags, plantChosen } from '../run/choices.ts';

export async function command(words: readonly string[]): Promise<number> {
  const { rest } = parseFlags(words, {});
  const [path] = rest;
  if (path === undefined || rest.length > 1) throw new UsageError('Usage: steamer replay CAPSULE');
  const { readCapsule, CapsuleError } = await import('../../sim/capsule.ts');
  const { version } = await import('../run/files.ts');
  let capsule;
  try {
    capsule = readCapsule(readFileSync(path, 'utf8'), version());
  } catch (error) {
    if (error instanceof CapsuleError) throw new UsageError(`${path}: ${error.message}`);
    throw new UsageError(`${path}: cannot be read; name a *.capsule.json that steamer run has written`);
  }
  const flags = Object.entries(capsule.options).map(([name, value]) => `--${name}=${String(value)}`);
  const chosen = choices(parseFlags(flags, choiceFlags));
  await plantChosen(chosen.bug);
  const { storyFiles } = await import('../run/stories.ts');
  const { play, stories } = await import('../run/play.ts');
  const { lighten } = await import('../run/pool.ts');
  const print = await import('../run/print.ts');
  const { writePage } = await import('../run/files.ts');
  const file = storyFiles([capsule.file])[0]!;
  const story = (await stories(file)).findIndex(({ name }) => name === capsule.scenario);
  if (story < 0) throw new UsageError(`${file}: no longer tells "${capsule.scenario}"`);
  const result = lighten(await play({ file, story, seed: capsule.seed }, chosen, { logs: true }), true);
  console.log(print.summaryLine(result));
  if (result.verdict === 'failed') console.log(print.failureText(result));
  console.log(`${print.storyText(result)}\n\npage: ${writePage(result)}`);
  if (result.hash === capsule.hash) return 0;
  console.error(
    `the run came out otherwise than recorded: hash ${result.hash}, recorded ${capsule.hash}; the source has changed since`,
  );
  return 1;
}
