/** Generated sessions on two targets side by side; a difference is shrunk to the shortest session that shows it. */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import type { Difference } from '../differ.ts';
import { compareExchanges } from '../differ.ts';
import { play } from '../play.ts';
import type { Running, Target } from '../targets/target.ts';
import { sessions } from './commands.ts';

/** A fresh pair of servers after so many sessions; within one pair each session has names of its own. */
const SESSIONS_A_SERVER = 50;

export interface SessionsOptions {
  readonly count: number;
  readonly seed: number;
  /** After each session. */
  readonly done?: (played: number) => void;
}

export interface Found {
  /** The shortest session, ready to be a case. */
  readonly steps: readonly Step[];
  readonly differences: readonly Difference[];
  readonly played: number;
}

/** Undefined when all sessions were answered the same. */
export async function findDifference(
  target: Target,
  against: Target,
  { count, seed, done }: SessionsOptions,
): Promise<Found | undefined> {
  const pair = new Pair(target, against);
  try {
    const property = fc.asyncProperty(sessions, async (steps) => {
      const differences = await pair.compare(steps);
      done?.(pair.played);
      return differences.length === 0;
    });
    const { failed, counterexample } = await fc.check(property, { numRuns: count, seed });
    if (!failed || counterexample === null) return undefined;
    const played = pair.played;
    const steps = await pair.withoutNeedless(counterexample[0]);
    return { steps: named(steps, ''), differences: await pair.compare(steps, true), played };
  } finally {
    await pair.stop();
  }
}

class Pair {
  played = 0;
  readonly #targets: readonly [Target, Target];
  #running: readonly [Running, Running] | undefined;

  constructor(target: Target, against: Target) {
    this.#targets = [target, against];
  }

  async compare(steps: readonly Step[], fresh = false): Promise<Difference[]> {
    if (fresh || this.played % SESSIONS_A_SERVER === 0) await this.stop();
    const [target, against] = this.#targets;
    this.#running ??= await Promise.all([target.start('dev'), against.start('dev')]);
    const own = named(steps, fresh ? '' : `s${this.played}`);
    this.played += 1;
    const [ours, theirs] = this.#running;
    const [actual, expected] = await Promise.all([play(target.name, ours, own), play(against.name, theirs, own)]);
    return compareExchanges(expected, actual);
  }

  /** fast-check shrinks from the front; this drops what stands in the middle for nothing. */
  async withoutNeedless(steps: readonly Step[]): Promise<Step[]> {
    let left = [...steps];
    for (let at = left.length - 1; at >= 0; at -= 1) {
      const fewer = left.filter((_, index) => index !== at);
      if ((await this.compare(fewer)).length > 0) left = fewer;
    }
    return left;
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    for (const one of running ?? []) await one.stop();
  }
}

const named = (steps: readonly Step[], prefix: string): Step[] =>
  steps.map((step) => ({
    ...step,
    path: step.path.replaceAll('~', prefix),
    body: step.body?.replaceAll('~', prefix),
  }));
