/** What a call comes to that no overload takes: only through `dyn` does one get here, as the checker knows the rest. */
import { CelError } from './error.ts';
import type { CelValue } from './values.ts';
import { compareNumbers, Duration, keyText, List, Message, Optional, typeName } from './values.ts';

const NUMBERS = ['int', 'uint', 'double'];
const TIMES = ['google.protobuf.Timestamp', 'google.protobuf.Duration'];
const ORDERED = ['bool', ...NUMBERS, 'string', 'bytes', ...TIMES];

/** Whom an operation is handed to, by the type of its first argument. */
const ABLE: Readonly<Record<string, readonly string[]>> = {
  '_+_': [...NUMBERS, 'string', 'bytes', 'list', ...TIMES],
  '_-_': [...NUMBERS, ...TIMES],
  '_*_': NUMBERS,
  '_/_': NUMBERS,
  '_%_': ['int', 'uint'],
  '-_': ['bool', 'int', 'double', 'google.protobuf.Duration'],
  '_<_': ORDERED,
  '_<=_': ORDERED,
  '_>_': ORDERED,
  '_>=_': ORDERED,
  size: ['string', 'bytes', 'list', 'map'],
  matches: ['string'],
  sort: ['list'],
};

/** They are asked whatever it is, and say no themselves. */
const ASKED = ['string', ...TIMES];

/** They do not say what they were given. */
const TERSE = ['contains', 'startsWith', 'endsWith', 'or', 'orValue'];

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  '_<_': (order) => order < 0,
  '_<=_': (order) => order <= 0,
  '_>_': (order) => order > 0,
  '_>=_': (order) => order >= 0,
};

/** Throws CelError where it comes to nothing. */
export function withoutOverload(name: string, args: readonly CelValue[]): CelValue {
  const [first, second] = args as readonly [CelValue, CelValue];
  if (name === '_[_]') return indexed(first, second);
  if (name === '_[?_]') return first instanceof List ? indexed(first, second) : new Optional(undefined);
  if (name === '-_' && first instanceof Duration) return new Duration(-first.nanos);
  const order = Object.hasOwn(COMPARISONS, name) ? compareNumbers(first, second) : undefined;
  if (order !== undefined) return COMPARISONS[name]!(order);
  throw new CelError(`no such overload${told(name, args)}`);
}

const GENERAL: Readonly<Record<string, string>> = { list: 'list(dyn)', map: 'map(dyn, dyn)' };

function told(name: string, args: readonly CelValue[]): string {
  if (name === 'flatten') {
    const [receiver, ...rest] = args.map((arg) => GENERAL[typeName(arg)] ?? typeName(arg));
    return `: ${receiver}.flatten(${rest.join(', ')})`;
  }
  const kind = args[0] === undefined ? '' : typeName(args[0]);
  if (Object.hasOwn(ABLE, name)) return ABLE[name]!.includes(kind) || ASKED.includes(kind) ? '' : `: ${name}`;
  // Operators ask their left side, which does not say what it was given.
  if (/^[_@!-]/.test(name) || TERSE.includes(name)) return '';
  return `: ${name}(${args.map(typeName).join(', ')})`;
}

function indexed(value: CelValue, key: CelValue): CelValue {
  if (value instanceof Optional) return new Optional(undefined);
  if (value instanceof Message) throw new CelError('no such overload');
  if (value instanceof List) throw new CelError(`unsupported index type '${typeName(key)}' in list`);
  throw new CelError(`no such key: ${keyText(key)}`);
}
