/** `steamer replay CAPSULE`: plays exactly the recorded run again, shows it, and compares the hash. */
import { parseFlags, UsageError } from '../flags.ts';
import { openCapsule } from '../run/recorded-run.ts';

export async function command(words: readonly string[]): Promise<number> {
  const { rest } = parseFlags(words, {});
  const [path] = rest;
  if (path === undefined || rest.length > 1) throw new UsageError('Usage: steamer replay CAPSULE');
  const { capsule, task, chosen } = await openCapsule(path);
  const { play } = await import('../run/play.ts');
  const { lighten } = await import('../run/pool.ts');
  const print = await import('../run/print.ts');
  const { writePage } = await import('../run/files.ts');
  const result = lighten(await play(task, chosen, { logs: true }), true);
  console.log(print.summaryLine(result));
  if (result.verdict === 'failed') console.log(print.failureText(result));
  console.log(`${print.storyText(result)}\n\npage: ${writePage(result)}`);
  if (result.hash === capsule.hash) return 0;
  console.error(
    `the run came out otherwise than recorded: hash ${result.hash}, recorded ${capsule.hash}; the source has changed since`,
  );
  return 1;
}
