/** Generated sessions on two targets side by side; what differs is shrunk to the shortest session that shows it. */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import { step, stepText } from '../case.ts';
import type { Difference } from '../differ.ts';
import { compareExchanges } from '../differ.ts';
import { play } from '../play.ts';
import type { Running, Target } from '../targets/target.ts';
import { Finder, type Operation } from '../operations.ts';
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
}

export interface Found {
  /** Which session it was, from 1. */
  readonly session: number;
  readonly differences: readonly Difference[];
  /** The shortest session that shows it, ready to be a case; where an earlier one has shown it all, which. */
  readonly shown: { readonly steps: readonly Step[] } | { readonly earlier: number };
}

/** Plays them all; each that differs is given as soon as it is known. */
export async function* findDifferences(
  target: Target,
  against: Target,
  { count, seed, area, operations, coverage }: SessionsOptions,
): AsyncGenerator<Found> {
  const pair = new Pair(target, against, coverage);
  /** By what differs, the session that showed it first. */
  const seen = new Map<string, number>();
  try {
    for (const [index, steps] of fc.sample(sessions(area, operations), { numRuns: count, seed }).entries()) {
      const session = index + 1;
      // What was seen last: a difference of the moment is told, too, though it does not come back.
      let differences = await pair.compare(steps);
      if (differences.length === 0) continue;
      let keys = keysOf(differences, steps, operations);
      const earlier = keys.map((key) => seen.get(key) ?? session);
      if (Math.max(...earlier) < session) {
        yield { session, differences, shown: { earlier: Math.min(...earlier) } };
        continue;
      }
      const differs = async (part: readonly Step[], fresh = false): Promise<boolean> => {
        const found = await pair.compare(part, fresh);
        const own = found.length === 0 ? [] : keysOf(found, part, operations);
        if (own.every((key) => seen.has(key))) return false;
        [differences, keys] = [found, own];
        return true;
      };
      // Shrinking as the library does goes through thousands of sessions; leaving out requests goes through dozens.
      const left = await shortest(steps, differs);
      await differs(left, true);
      for (const key of keys) if (!seen.has(key)) seen.set(key, session);
      yield { session, differences, shown: { steps: placed(left, 's') } };
    }
  } finally {
    await pair.stop();
  }
}

/** What differs, whatever the session's names: the operation, the place in its answer, and both sides. */
function keysOf(
  differences: readonly Difference[],
  steps: readonly Step[],
  operations: readonly Operation[] = [],
): string[] {
  const finder = new Finder(operations);
  const asked = placed(steps, 's').map((one) => finder.find(one)?.id ?? stepText(one));
  return differences.map(({ step: index, kind, at, expected, actual }) =>
    JSON.stringify([asked[index], kind, at.replace(/\[\d+\]/g, '[]'), expected, actual]),
  );
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
