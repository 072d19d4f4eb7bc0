/** One run of one story with what the command line chose. Imported only after a bug, if any, has been planted. */
import { portableCrypto } from '../../core/crypto/portable.ts';
import { nodeCrypto } from '../../host/crypto.ts';
import { nodePump, portablePump } from '../../host/pump.ts';
import { openbao } from '../../sim/openbao.ts';
import { type RunOptions, runScenario, type RunResult } from '../../sim/run.ts';
import type { Scenario } from '../../sim/scenario.ts';
import type { Choices } from './choices.ts';
import { loadStories } from './stories.ts';

/** Which run: a file may tell several stories. */
export interface Task {
  readonly file: string;
  readonly story: number;
  readonly seed: number;
}

export interface PlayOptions {
  readonly hashLog?: boolean;
  readonly logs?: boolean;
}

const loaded = new Map<string, Promise<readonly Scenario[]>>();

export function stories(file: string): Promise<readonly Scenario[]> {
  let found = loaded.get(file);
  if (found === undefined) loaded.set(file, (found = loadStories(file)));
  return found;
}

export async function play(task: Task, choices: Choices, options: PlayOptions = {}): Promise<RunResult> {
  const scenario = (await stories(task.file))[task.story]!;
  const started = performance.now();
  const result = await runScenario(scenario, task.seed, {
    nodeFactory: openbao,
    ...(await recordingsFor(scenario)),
    crypto: choices.crypto === 'noble' ? portableCrypto() : nodeCrypto(),
    pump: choices.pump === 'portable' ? portablePump(setImmediate) : nodePump,
    reproduce: reproduce(task, choices),
    hashLog: options.hashLog ?? false,
    logs: options.logs ?? false,
    untilViolation: choices.until === 'violation',
  });
  return { ...result, wallMs: Math.round(performance.now() - started) };
}

/** Read only for stories that want some: they bring much of the conformance suite with them. */
async function recordingsFor({ options }: Scenario): Promise<Pick<RunOptions, 'recordings'>> {
  if (options.recorded === undefined) return {};
  const { recordings } = await import('../../conformance/for-stories.ts');
  return { recordings };
}

/** The command line that runs exactly this again. */
export function reproduce({ file, seed }: Task, { crypto, pump, bug, until }: Choices): string {
  const flags = [
    crypto === 'node' ? '' : ` --crypto ${crypto}`,
    pump === 'node' ? '' : ` --pump ${pump}`,
    bug === undefined ? '' : ` --bug ${bug}`,
    until === 'end' ? '' : ` --until ${until}`,
  ];
  return `npx steamer run ${file} --seed ${seed}${flags.join('')}`;
}
