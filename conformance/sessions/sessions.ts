/** Generated sessions on two targets side by side; a difference is shrunk to the shortest session that shows it. */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import { step } from '../case.ts';
import type { Difference } from '../differ.ts';
import { compareExchanges } from '../differ.ts';
import { play } from '../play.ts';
import type { Running, Target } from '../targets/target.ts';
import type { Operation } from '../operations.ts';
import { sessions } from './commands.ts';
import type { Coverage } from './coverage.ts';
import { shortest } from './shrink.ts';

/** A fresh pair of servers after so many sessions; within one pair each session has a namespace of its own. */
const SESSIONS_A_SERVER = 50;

export interface SessionsOptions {
  readonly count: number;
  readonly seed: number;
  /** In sessions that cases lend, the fields of these are varied; none unless given. */
  readonly operations?: readonly Operation[] | undefined;
  /** Told of all that is asked and answered by the reference. */
  readonly coverage?: Coverage | undefined;
  /** Mostly of this one. */
  readonly area?: string | undefined;
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
  { count, seed, area, done, operations, coverage }: SessionsOptions,
): Promise<Found | undefined> {
  const pair = new Pair(target, against, coverage);
  try {
    // What was seen last: a difference of the moment is told, too, though it does not come back.
    let differences: readonly Difference[] = [];
    const differs = async (steps: readonly Step[], fresh = false): Promise<boolean> => {
      const found = await pair.compare(steps, fresh);
      if (found.length > 0) differences = found;
      return found.length > 0;
    };
    const property = fc.asyncProperty(sessions(area, operations), async (steps) => {
      const same = !(await differs(steps));
      done?.(pair.played);
      return same;
    });
    // Its own shrinking goes through thousands of sessions; leaving out requests goes through dozens.
    const { failed, counterexample } = await fc.check(property, { numRuns: count, seed, endOnFailure: true });
    if (!failed || counterexample === null) return undefined;
    const played = pair.played;
    const steps = await shortest(counterexample[0], differs);
    await differs(steps, true);
    return { steps: placed(steps, 's'), differences, played };
  } finally {
    await pair.stop();
  }
}

class Pair {
  played = 0;
  readonly #targets: readonly [Target, Target];
  readonly #coverage: Coverage | undefined;
  #running: readonly [Running, Running] | undefined;

  constructor(target: Target, against: Target, coverage?: Coverage) {
    this.#targets = [target, against];
    this.#coverage = coverage;
  }

  /** Plays a session in a place of its own; `fresh`: on new servers, as the case that it will be. */
  async compare(steps: readonly Step[], fresh = false): Promise<Difference[]> {
    if (fresh || this.played % SESSIONS_A_SERVER === 0) await this.stop();
    const [target, against] = this.#targets;
    this.#running ??= await Promise.all([target.start('dev'), against.start('dev')]);
    const own = placed(steps, fresh ? 's' : `s${this.played}`);
    this.played += 1;
    const [ours, theirs] = this.#running;
    const [actual, expected] = await Promise.all([play(target.name, ours, own), play(against.name, theirs, own)]);
    this.#coverage?.add(own, expected);
    return compareExchanges(expected, actual);
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    for (const one of running ?? []) await one.stop();
  }
}

/** A session within a namespace of its own, which its first request makes. */
export const placed = (steps: readonly Step[], namespace: string): Step[] => [
  step('POST', `sys/namespaces/${namespace}`),
  ...steps.map((one) => ({ ...one, headers: within(one.headers, namespace) })),
];

/** What a request says of a namespace is below the session's. */
const within = (headers: Step['headers'], namespace: string): Step['headers'] => [
  ['X-Vault-Namespace', [namespace, ...headers.filter(isNamespace).map(([, below]) => below)].join('/')],
  ...headers.filter((header) => !isNamespace(header)),
];

const isNamespace = ([name]: Step['headers'][number]): boolean => name === 'X-Vault-Namespace';
