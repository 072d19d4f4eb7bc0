/** Makes a failed run small: as few faults as still end in the same violation. */
import type { ViolationRecord } from '../../core/trace.ts';
import { ddmin } from '../../sim/explore/ddmin.ts';
import { isSameViolation } from '../../sim/explore/same-violation.ts';
import type { RunResult } from '../../sim/run.ts';
import { UsageError } from '../flags.ts';
import type { Choices } from './choices.ts';
import { play, type Task } from './play.ts';

export interface Shrunk {
  /** What the run has to end in. */
  readonly violation: ViolationRecord;
  /** How many faults came before it in the run as it was. */
  readonly before: number;
  /** The numbers of those that are left. */
  readonly left: readonly number[];
  /** How many runs it took. */
  readonly runs: number;
  /** How the run that is left is played. */
  readonly choices: Choices;
  readonly result: RunResult;
}

/** `told` hears after each run how many faults are left and how many runs it took. Throws UsageError. */
export async function shrink(
  task: Task,
  chosen: Choices,
  told: (left: number, runs: number) => void = () => {},
): Promise<Shrunk> {
  const asItWas: Choices = { ...chosen, until: 'violation' };
  const base = await play(task, asItWas);
  const violation = worthShrinking(base);
  const before = base.drawn.map(({ number }) => number);
  if (before.length === 0)
    throw new UsageError(`seed ${task.seed}: it fails, but no fault comes before that could be left out`);

  const whole = (await play(task, { ...chosen, until: 'end', without: [] })).drawn;
  const keeping = (some: readonly number[]): Choices => ({
    ...asItWas,
    without: whole.map(({ number }) => number).filter((number) => !some.includes(number)),
  });
  let [runs, least] = [2, before.length];
  const fails = async (some: readonly number[]): Promise<boolean> => {
    const { violations } = await play(task, keeping(some), { whole });
    const same = violations.some((found) => isSameViolation(found, violation));
    if (same) least = some.length;
    told(least, ++runs);
    return same;
  };
  // Some checkers speak only at the end, of what was long ago.
  const soon = base.drawn.filter(({ at }) => at <= violation.at).map(({ number }) => number);
  const left = await ddmin(soon.length < before.length && (await fails(soon)) ? soon : before, fails);
  const choices = keeping(left);
  return { violation, before: before.length, left, runs, choices, result: await play(task, choices, { logs: true }) };
}

function worthShrinking({ seed, violations: [violation] }: RunResult): ViolationRecord {
  if (violation === undefined) throw new UsageError(`seed ${seed}: the run passes; there is nothing to shrink`);
  if (violation.checker === 'minimum')
    throw new UsageError(`seed ${seed}: too little happens (${violation.message}); fewer faults do not tell why`);
  return violation;
}
