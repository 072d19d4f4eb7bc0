/**
 * Cases played on two targets with bent requests among their own: what the two answer otherwise, and what a bent request
 * left otherwise, is a difference. What was told is left out and the case played again, so that nothing is told twice or
 * follows from it.
 */
import seedrandom from 'seedrandom';
import type { Case, Step } from '../case.ts';
import { stepText } from '../case.ts';
import type { Source } from '../conform.ts';
import type { Difference } from '../differ.ts';
import { compareExchanges } from '../differ.ts';
import { loadIntended, unknownDifferences } from '../open.ts';
import type { Operation } from '../operations.ts';
import { Finder } from '../operations.ts';
import { BACKGROUND, LASTING } from '../probes.ts';
import { shortest } from '../sessions/shrink.ts';
import { sameButInside } from './documents/known.ts';
import { bent, type Dice } from './mutate.ts';

export interface FuzzOptions {
  /** Of bent requests, about. */
  readonly count: number;
  readonly seed: number;
  /** After each case. */
  readonly done?: (found: readonly Found[], left: number) => void;
}

/** One way in which answers differ, of whatever request. */
export interface Found {
  /** Of which operation in which way bent; 'as it is' for a case's own request. */
  readonly bent: string;
  readonly operation: string;
  /** The case, and the request as it was sent. */
  readonly request: string;
  /** What of the bent requests before it made a case's own request differ; empty: nothing, it is chance or no fuzz's business. */
  readonly after: readonly string[];
  readonly difference: Difference;
}

/** Two of them are what a machine of few processors takes. */
const AT_ONCE = 2;

export async function fuzz(
  target: Source,
  against: Source,
  cases: readonly Case[],
  operations: readonly Operation[],
  { count, seed, done }: FuzzOptions,
): Promise<{ readonly sent: number; readonly found: readonly Found[] }> {
  const dice = seedrandom(String(seed));
  const order = cases.map((played) => [dice(), played] as const).sort(([a], [b]) => a - b);
  const chosen: Case[] = [];
  let sent = 0;
  while (sent < count) {
    const [, whole] = order[chosen.length % order.length]!;
    chosen.push(among(whole, operations, seedrandom(`${seed}/${chosen.length}`)));
    sent += chosen.at(-1)!.steps.filter(isBent).length;
  }
  const found: Found[] = [];
  const work = async (): Promise<void> => {
    for (let played = chosen.shift(); played !== undefined; played = chosen.shift()) {
      const own = await examine(target, against, played);
      found.push(...own);
      done?.(own, chosen.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { sent, found };
}

const isBent = ({ probe }: Step): boolean => probe !== undefined;

/** The case with bent requests before and behind its own, one for each on average. */
function among(whole: Case, operations: readonly Operation[], dice: Dice): Case {
  const finder = new Finder(operations);
  const steps = whole.steps.flatMap((one) => {
    const operation = finder.find(one);
    const [before, behind]: [Step[], Step[]] = [[], []];
    if (one.method === 'VISIT' || (operation !== undefined && isLong(operation))) return [one];
    while (dice() < 0.5) {
      const made = bent(one, dice);
      if (made === undefined) continue;
      const probe = { operation: operation?.id ?? one.method, kind: made[1] };
      (dice() < 0.5 ? before : behind).push({ ...made[0], probe });
    }
    return [...before, one, ...behind];
  });
  return { ...whole, steps };
}

/** What a tidying has come to depends on when it is asked. */
const STATUS = /\/tidy-status$/;

const isLong = ({ path }: Operation): boolean => LASTING.test(path) || BACKGROUND.test(path) || STATUS.test(path);

async function examine(target: Source, against: Source, played: Case): Promise<Found[]> {
  const found: Found[] = [];
  let steps = played.steps;
  for (;;) {
    const differences = await compare(target, against, { ...played, steps });
    const first = differences.find(({ step }) => !isBent(steps[step]!));
    const told = untilParted(differences.filter(({ step }) => step < (first?.step ?? Infinity)));
    for (const difference of told)
      if (!isOnPurpose(difference)) found.push(toldOf(played, steps[difference.step]!, [], difference));
    if (told.length > 0) steps = steps.filter((_, index) => !told.some(({ step }) => step === index));
    else if (first !== undefined) {
      const { after, difference } = await reasonOf(target, against, played, steps, first);
      found.push(toldOf(played, steps[first.step]!, after, difference));
      if (after.length === 0) return found;
      steps = steps.filter((one) => !after.includes(one));
    } else return found;
  }
}

/** No answer to equal; a slip of a format verb, or Go's structs (differences.md). */
const isOnPurpose = (difference: Difference): boolean => {
  const { at, expected } = difference;
  const unanswered = at === 'status' && (expected === '0' || expected === 'died');
  return unanswered || expected.includes('%!w(') || sameButInside(difference);
};

/** In order. A reference that died at a request differs there from whatever ours does. */
async function compare(target: Source, against: Source, played: Case): Promise<readonly Difference[]> {
  const [expected, actual] = await Promise.all([against.play(played), target.play(played)]);
  const differences = compareExchanges(expected.exchanges, actual.exchanges);
  const at = expected.exchanges.length;
  const last = played.steps[at];
  if (last !== undefined)
    differences.push({
      step: at,
      request: stepText(last),
      kind: 'status',
      at: 'status',
      expected: 'died',
      actual: String(actual.exchanges[at]?.status ?? 'died'),
    });
  return unknownDifferences({ name: played.name, steps: at, differences }, loadIntended());
}

/** The first of each request, up to one after which the two may not be in the same state. */
function untilParted(differences: readonly Difference[]): readonly Difference[] {
  const parted = differences.find(({ at }) => at === 'status')?.step ?? Infinity;
  return differences.filter(({ step }, index) => step <= parted && differences[index - 1]?.step !== step);
}

/** Which bent requests before it make a case's own request differ. */
async function reasonOf(
  target: Source,
  against: Source,
  played: Case,
  steps: readonly Step[],
  first: Difference,
): Promise<{ after: readonly Step[]; difference: Difference }> {
  const own = steps.slice(0, first.step + 1);
  let difference = first;
  const differs = async (bent: readonly Step[]): Promise<boolean> => {
    const part = own.filter((one) => !isBent(one) || bent.includes(one));
    const found = (await compare(target, against, { ...played, steps: part })).find(({ step }) => !isBent(part[step]!));
    if (found !== undefined) difference = found;
    return found !== undefined;
  };
  const after = (await differs([])) ? [] : await shortest(own.filter(isBent), differs);
  return { after, difference };
}

const toldOf = (played: Case, one: Step, after: readonly Step[], difference: Difference): Found => ({
  bent:
    one.probe?.kind ??
    (after.length === 0 ? 'as it is' : `left by ${after.map(({ probe }) => probe!.kind).join(', ')}`),
  operation: (after[0] ?? one).probe?.operation ?? `${one.method} ${one.path}`,
  request: `${played.name}: ${stepText(one)}`,
  after: after.map(stepText),
  difference,
});

/** What differs, whatever the operation: so that a thousand of one cause are one. */
export const kindOf = ({ bent, difference: { at, expected, actual } }: Found): string =>
  JSON.stringify([bent.split(' ')[0], at.replace(/\[\d+\]/g, '[]'), masked(expected), masked(actual)]);

/** Without names, numbers and what is quoted. */
const masked = (text: string): string => text.replace(/<[^>]*>|"(?:[^"\\]|\\.)*"|'[^']*'|\d+/g, '…').slice(0, 80);

/** As it can be sent again. */
export const foundText = ({ bent, operation, request, after, difference: { at, expected, actual } }: Found): string =>
  [
    `${bent} (${operation})`,
    ...[...after, request].map((text) => `    ${short(text)}`),
    `    ${at}: ${short(expected)} (reference), ${short(actual)}`,
  ].join('\n');

const short = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);
