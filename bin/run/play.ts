/** One run of one story with what the command line chose. Imported only after a bug, if any, has been planted. */
import { portableCrypto } from '../../core/crypto/portable.ts';
import { nodeCrypto } from '../../host/crypto.ts';
import { nodePump, portablePump } from '../../host/pump.ts';
import type { DrawnFault, Without } from '../../sim/explore/drawn-faults.ts';
import { openbao } from '../../sim/openbao.ts';
import { type RunOptions, runScenario, type RunResult } from '../../sim/run.ts';
import type { Scenario } from '../../sim/scenario.ts';
import { UsageError } from '../flags.ts';
import { type Choices, choiceWords } from './choices.ts';
import { stories, type Telling } from './stories.ts';

/** Which run. */
export interface Task extends Telling {
  readonly seed: number;
}

export interface PlayOptions {
  readonly hashLog?: boolean;
  readonly logs?: boolean;
  readonly coverage?: boolean;
  /** The faults of the whole run, where they are known; it is played to learn them otherwise. */
  readonly whole?: readonly DrawnFault[];
}

export async function play(task: Task, choices: Choices, options: PlayOptions = {}): Promise<RunResult> {
  const scenario = (await stories(task.file))[task.story]!;
  const without = choices.without.length === 0 ? undefined : await withoutOf(task, choices, options.whole);
  const started = performance.now();
  const result = await runScenario(scenario, task.seed, {
    nodeFactory: openbao,
    ...(await recordingsFor(scenario)),
    crypto: choices.crypto === 'noble' ? portableCrypto() : nodeCrypto(),
    pump: choices.pump === 'portable' ? portablePump(setImmediate) : nodePump,
    ...(without && { without }),
    reproduce: reproduce(task, choices, await stories(task.file)),
    hashLog: options.hashLog ?? false,
    logs: options.logs ?? false,
    coverage: options.coverage ?? false,
    untilViolation: choices.until === 'violation',
  });
  return { ...result, wallMs: Math.round(performance.now() - started) };
}

/** What to leave out. To be known by their numbers, the faults of the whole run are those up to its end. */
async function withoutOf(task: Task, choices: Choices, known: readonly DrawnFault[] | undefined): Promise<Without> {
  const whole = known ?? (await play(task, { ...choices, without: [], until: 'end' })).drawn;
  const beyond = choices.without.find((number) => number > whole.length);
  if (beyond !== undefined)
    throw new UsageError(
      `--without ${beyond}: ${whole.length === 0 ? 'no fault of the run can be left out' : `the run can be played without its faults 1 to ${whole.length}`}`,
    );
  return { numbers: new Set(choices.without), whole };
}

/** Read only for stories that want some: they bring much of the conformance suite with them. */
async function recordingsFor({ options }: Scenario): Promise<Pick<RunOptions, 'recordings'>> {
  if (options.recorded === undefined) return {};
  const { recordings } = await import('../../conformance/for-stories.ts');
  return { recordings };
}

/** The command line that runs exactly this again. */
function reproduce({ file, story, seed }: Task, choices: Choices, told: readonly Scenario[]): string {
  const only = told.length === 1 ? '' : ` --only '${told[story]!.name.replaceAll("'", `'\\''`)}'`;
  return `npx steamer run ${file}${only} --seed ${seed}${choiceWords(choices)}`;
}
