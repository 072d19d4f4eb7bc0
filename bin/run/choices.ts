/**
 * What may vary between runs without changing a single bit of them, the bug that may be planted, how far to go, and
 * which faults to leave out.
 */
import { UsageError, type Flags } from '../flags.ts';
import { parseNumbers, printNumbers } from './numbers.ts';

export interface Choices {
  readonly crypto: 'node' | 'noble';
  readonly pump: 'node' | 'portable';
  readonly bug: string | undefined;
  readonly until: 'end' | 'violation';
  /** Numbers of faults. */
  readonly without: readonly number[];
}

export const choiceFlags = {
  crypto: 'string',
  pump: 'string',
  bug: 'string',
  until: 'string',
  without: 'string',
} as const;

export function choices(flags: Flags): Choices {
  return {
    crypto: oneOf(flags, 'crypto', ['node', 'noble']),
    pump: oneOf(flags, 'pump', ['node', 'portable']),
    bug: flags.string('bug'),
    until: oneOf(flags, 'until', ['end', 'violation']),
    without: parseNumbers('--without', flags.string('without') ?? ''),
  };
}

/** By the names of the flags. */
export function printChoices({ crypto, pump, until, bug, without }: Choices): Record<string, string> {
  return {
    crypto,
    pump,
    until,
    ...(bug === undefined ? {} : { bug }),
    ...(without.length === 0 ? {} : { without: printNumbers(without) }),
  };
}

/** On a command line: what is other than usual. */
export function choiceWords(choices: Choices): string {
  const usual: Record<string, string> = { crypto: 'node', pump: 'node', until: 'end' };
  return Object.entries(printChoices(choices))
    .filter(([name, value]) => usual[name] !== value)
    .map(([name, value]) => ` --${name} ${value}`)
    .join('');
}

function oneOf<T extends string>(flags: Flags, name: string, values: readonly [T, ...T[]]): T {
  const given = flags.string(name) ?? values[0];
  const found = values.find((value) => value === given);
  if (found === undefined) throw new UsageError(`--${name} ${given}: choose ${values.join(' or ')}`);
  return found;
}

/** A seed is a whole number from 0 to 2^53 - 1. */
export function wholeNumber(flags: Flags, name: string, usual: number, least = 0): number {
  const given = flags.string(name);
  if (given === undefined) return usual;
  const value = /^\d+$/.test(given) ? Number(given) : NaN;
  if (!Number.isSafeInteger(value) || value < least)
    throw new UsageError(
      `--${name} ${given}: give a whole number of at least ${least}, e.g. --${name} ${Math.max(least, 42)}`,
    );
  return value;
}

/** Plants the bug that the command line names, before anything of the core is imported. */
export async function plantChosen(name: string | undefined): Promise<void> {
  if (name === undefined) return;
  const [{ bugs }, { plant }] = await Promise.all([import('../../bugs/all.ts'), import('../../bugs/load.ts')]);
  const bug = bugs.find((candidate) => candidate.name === name);
  if (bug === undefined)
    throw new UsageError(`--bug ${name}: there is no such bug; known: ${bugs.map((each) => each.name).join(', ')}`);
  plant(bug);
}
