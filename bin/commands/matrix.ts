/**
 * `steamer matrix`: the proof of determinism. The same seeds run twice on every Node, crypto and pump; one hash may
 * come out. Where two differ, the first event that differs is named.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseFlags, UsageError } from '../flags.ts';
import { wholeNumber } from '../run/choices.ts';

const usage = `Usage: steamer matrix [options] [FILES or folders; default: scenarios]

  --seed N      the first seed (default 1)
  --seeds N     how many seeds, dealt out over the stories in turn (default 50)
  --node PATH   another Node to run on, beside this one; may be repeated
  --jobs N      processes at a time (default: one a core)`;

const steamer = fileURLToPath(new URL('../steamer.ts', import.meta.url));
const run = promisify(execFile);

interface Configuration {
  readonly name: string;
  readonly node: string;
  readonly flags: readonly string[];
}

interface Line {
  readonly scenario: string;
  readonly seed: number;
  readonly hash: string;
  readonly verdict: string;
}

export async function command(words: readonly string[]): Promise<number> {
  if (words.some((word) => ['-h', '-help', '--help'].includes(word))) {
    console.log(usage);
    return 0;
  }
  const flags = parseFlags(words, { seed: 'string', seeds: 'string', jobs: 'string', node: 'strings' });
  const first = wholeNumber(flags, 'seed', 1);
  const seeds = wholeNumber(flags, 'seeds', 50, 1);
  const jobs = wholeNumber(flags, 'jobs', availableParallelism(), 1);
  const files = flags.rest.length > 0 ? flags.rest : ['scenarios'];
  const nodes = flags.strings('node');
  for (const node of nodes)
    await run(node, ['--version']).catch((error: unknown) => {
      throw new UsageError(`--node: no Node that runs: ${(error as Error).message}`);
    });
  const all = configurations([process.execPath, ...nodes]);

  const waiting = [...all];
  const results = new Map<Configuration, Line[]>();
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const lines = await playAll(next, files, first, seeds);
      results.set(next, lines);
      console.log(`${next.name}: ${lines.length} runs`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return judge(all, results, files);
}

function configurations(nodes: readonly string[]): Configuration[] {
  const found: Configuration[] = [];
  for (const [number, node] of nodes.entries())
    for (const crypto of ['node', 'noble'])
      for (const pump of ['node', 'portable'])
        for (const turn of [1, 2])
          found.push({
            name: `node ${number + 1}, ${crypto} crypto, ${pump} pump, run ${turn}`,
            node,
            flags: ['--crypto', crypto, '--pump', pump],
          });
  return found;
}

async function playAll(
  { node, flags }: Configuration,
  files: readonly string[],
  first: number,
  seeds: number,
): Promise<Line[]> {
  const words = [
    'run',
    ...files,
    '--seed',
    String(first),
    '--seeds',
    String(seeds),
    '--deal',
    '--jobs',
    '1',
    '--json',
    ...flags,
  ];
  const { stdout, stderr } = await run(node, [steamer, ...words], { maxBuffer: 1 << 28 }).catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  );
  if (!stdout) throw new UsageError(`${node} does not run the program: ${stderr.split('\n')[0]}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

async function judge(
  all: readonly Configuration[],
  results: ReadonlyMap<Configuration, Line[]>,
  files: readonly string[],
): Promise<number> {
  const [reference, ...others] = all;
  const expected = results.get(reference!)!;
  let [passed, failed] = [0, 0];
  for (const [index, { scenario, seed, hash, verdict }] of expected.entries()) {
    const other = others.find((configuration) => results.get(configuration)![index]?.hash !== hash);
    if (other === undefined && verdict === 'passed') {
      passed += 1;
      continue;
    }
    failed += 1;
    console.log(
      `✗ ${scenario}, seed ${seed}: ${other === undefined ? 'fails everywhere alike' : await difference(reference!, other, files, scenario, seed)}`,
    );
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Plays both once more with the hash after every event, and names the first that differs. */
async function difference(
  one: Configuration,
  other: Configuration,
  files: readonly string[],
  scenario: string,
  seed: number,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'steamer-'));
  const logs: string[][] = [];
  for (const [number, { node, flags }] of [one, other].entries()) {
    const path = join(folder, String(number));
    const words = ['run', ...files, '--only', scenario, '--seed', String(seed), '--hash-log', path, '--json', ...flags];
    await run(node, [steamer, ...words], { maxBuffer: 1 << 28 }).catch(() => undefined);
    logs.push(readFileSync(path, 'utf8').split('\n'));
  }
  rmSync(folder, { recursive: true });
  const [left, right] = logs as [string[], string[]];
  const at = left.findIndex((line, index) => line !== right[index]);
  if (at < 0)
    return `${one.name} and ${other.name} differ, but not when played again: something outside the seed decides`;
  return `${one.name} and ${other.name} part in event ${left[at] ?? '(none)'} against ${right[at] ?? '(none)'}`;
}
