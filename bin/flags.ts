/** Command lines as Go's flag package reads them: one or two dashes, `-name=value` or `-name value`, booleans alone. */

export type FlagKind = 'boolean' | 'string' | 'strings' | 'integer';

/** A mistake on the command line, in one line. */
export class UsageError extends Error {
  /** What stands behind it was not read. */
  rest: readonly string[] = [];
}

export interface Flags {
  boolean(name: string): boolean;
  /** Undefined when not given. */
  string(name: string): string | undefined;
  strings(name: string): readonly string[];
  integer(name: string): number | undefined;
  /** What follows the flags. */
  readonly rest: readonly string[];
}

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** Flags and other words may mix, unless `first`: then the flags end with the first word that is none. `--` ends them,
 * too. Throws UsageError in Go's words. */
export function parseFlags(
  words: readonly string[],
  known: Readonly<Record<string, FlagKind>>,
  order: 'mixed' | 'first' = 'mixed',
): Flags {
  const values = new Map<string, string[]>();
  const rest: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '--') {
      rest.push(...words.slice(at + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      if (order === 'first') {
        rest.push(...words.slice(at));
        break;
      }
      rest.push(word);
      continue;
    }
    const next = flagAt(words, at, known);
    values.set(next.name, [...(values.get(next.name) ?? []), next.value]);
    at = next.last;
  }
  const last = (name: string): string | undefined => values.get(name)?.at(-1);
  return {
    boolean: (name) => TRUE.has(last(name) ?? 'false'),
    string: last,
    strings: (name) => values.get(name) ?? [],
    integer: (name) => (last(name) === undefined ? undefined : Number(last(name))),
    rest,
  };
}

interface Given {
  readonly name: string;
  readonly value: string;
  /** The word that its value is. */
  readonly last: number;
}

function flagAt(words: readonly string[], at: number, known: Readonly<Record<string, FlagKind>>): Given {
  let last = at;
  try {
    const word = words[at]!;
    const text = word.replace(/^--?/, '');
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    if (name === '' || name.startsWith('-') || name.startsWith('=')) throw new UsageError(`bad flag syntax: ${word}`);
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined) throw new UsageError(`flag provided but not defined: -${name}`);
    let value = equals < 0 ? undefined : text.slice(equals + 1);
    if (kind === 'boolean') value ??= 'true';
    else if (value === undefined) {
      value = words[++last];
      if (value === undefined) throw new UsageError(`flag needs an argument: -${name}`);
    }
    check(kind, name, value);
    return { name, value, last };
  } catch (error) {
    if (error instanceof UsageError) error.rest = words.slice(last + 1);
    throw error;
  }
}

function check(kind: FlagKind, name: string, value: string): void {
  if (kind === 'boolean' && !TRUE.has(value) && !FALSE.has(value)) {
    const reason = `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`;
    throw new UsageError(`invalid boolean value ${JSON.stringify(value)} for -${name}: ${reason}`);
  }
  if (kind !== 'integer') return;
  const known = /^[+-]?[0-9]+$/.test(value);
  if (known && Number.isSafeInteger(Number(value))) return;
  const reason = `strconv.ParseInt: parsing ${JSON.stringify(value)}: ${known ? 'value out of range' : 'invalid syntax'}`;
  throw new UsageError(`invalid value ${JSON.stringify(value)} for flag -${name}: ${reason}`);
}
