/** Looks for a planted bug: a process of its own plays the bug's stories under one seed after another. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import type { Bug } from '../../bugs/bug.ts';
import type { ViolationRecord } from '../../core/trace.ts';

/** What found a bug. */
export interface Catch {
  readonly checker: string;
  readonly message: string;
  readonly story: string;
  readonly file: string;
  readonly seed: number;
  /** How many runs it took. */
  readonly runs: number;
}

interface Seeds {
  readonly first: number;
  readonly count: number;
}

/** One line of `steamer run --json`, as far as it is needed. */
interface Line {
  readonly scenario: string;
  readonly seed: number;
  readonly verdict: 'passed' | 'failed';
  readonly violations: readonly ViolationRecord[];
}

const program = fileURLToPath(new URL('../steamer.ts', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Seeds are dealt out over the bug's stories in turn. Undefined when all of them pass. */
export async function hunt(bug: Bug, { first, count }: Seeds): Promise<Catch | undefined> {
  const words = [
    '--bug',
    bug.name,
    '--seed',
    String(first),
    '--seeds',
    String(count),
    '--deal',
    '--bail',
    '--until',
    'violation',
  ];
  const runs = await playApart([...bug.stories, ...words]);
  const last = runs.at(-1);
  if (last?.verdict !== 'failed') return undefined;
  const [{ checker, message } = { checker: 'unknown', message: '' }] = last.violations;
  const file = bug.stories[(last.seed - first) % bug.stories.length]!;
  return { checker, message, story: last.scenario, file, seed: last.seed, runs: runs.length };
}

/** Plays in a process of its own what `steamer run` plays with these words; rejects when it cannot. */
async function playApart(words: readonly string[]): Promise<Line[]> {
  const child = spawn(process.execPath, [program, 'run', '--json', '--jobs', '1', ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const complaints: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve());
  });
  const lines: Line[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(JSON.parse(line) as Line);
  await ended;
  if (lines.length === 0) throw new Error(`steamer run ${words.join(' ')} played nothing: ${complaints.join('')}`);
  return lines;
}
