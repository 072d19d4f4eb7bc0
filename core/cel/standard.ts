/** The standard functions: arithmetic, comparison, conversion, size, membership. */
import { compareBytes, compareText, concatBytes } from '../codec/bytes.ts';
import { parseTimestamp } from '../codec/rfc3339.ts';
import { goFloat } from '../telemetry/go-float.ts';
import { decodeUtf8Strict, encodeUtf8 } from '../codec/utf8.ts';
import { CelError } from './error.ts';
import { Declarations } from './functions.ts';
import { floorDiv, parseCelDuration, timeText } from './time.ts';
import type { CelValue } from './values.ts';
import { CelMap, Duration, List, Message, Timestamp, TypeValue, Uint, equal, typeName } from './values.ts';

const INT_MIN = -(1n << 63n);
const INT_MAX = -INT_MIN - 1n;
const UINT_MAX = (1n << 64n) - 1n;

export function int(value: bigint): bigint {
  if (value < INT_MIN || value > INT_MAX) throw new CelError('integer overflow');
  return value;
}

function uint(value: bigint): Uint {
  if (value < 0n || value > UINT_MAX) throw new CelError('unsigned integer overflow');
  return new Uint(value);
}

function notZero(value: bigint, text: string): bigint {
  if (value === 0n) throw new CelError(text);
  return value;
}

function ofDouble(value: number): bigint {
  if (!Number.isFinite(value)) throw new CelError('integer overflow');
  return BigInt(Math.trunc(value));
}

const cannot = (from: string, to: string): CelError => new CelError(`type conversion error from '${from}' to '${to}'`);

function readInt(text: string, to: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw cannot('string', to);
  return BigInt(text.replace(/^\+/, ''));
}

/** As Go's ParseFloat. */
function readDouble(text: string): number {
  const [, sign, word] = /^([+-]?)(inf|infinity)$/i.exec(text) ?? [];
  if (word !== undefined) return sign === '-' ? -Infinity : Infinity;
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value) && text.toLowerCase() !== 'nan') throw cannot('string', 'double');
  return value;
}

const BOOLS: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false])),
};

function readBool(text: string): boolean {
  if (!Object.hasOwn(BOOLS, text)) throw cannot('string', 'bool');
  return BOOLS[text]!;
}

/** 0001-01-01T00:00:00Z. */
const YEAR_ONE = -62_135_596_800;

/** The last second of the year 9999. */
const LAST_SECOND = 253_402_300_799n;

function at(nanos: bigint, offset?: number): Timestamp {
  if (nanos < BigInt(YEAR_ONE) * 1_000_000_000n || nanos >= (LAST_SECOND + 1n) * 1_000_000_000n) {
    throw new CelError('timestamp overflow');
  }
  return new Timestamp(nanos, offset);
}

function readTimestamp(text: string): Timestamp {
  const found = parseTimestamp(text);
  if (found === undefined) throw new CelError(`invalid RFC 3339 timestamp "${text}"`);
  const [, sign = '', hours = '0', minutes = '0'] = /([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
  if (Number(hours) > 23 || Number(minutes) > 59) throw new CelError(`invalid RFC 3339 timestamp "${text}"`);
  if (found.seconds < YEAR_ONE) throw new CelError('timestamp overflow');
  const offset = Number(hours) * 60 + Number(minutes);
  return new Timestamp(
    BigInt(found.seconds) * 1_000_000_000n + BigInt(found.nanos),
    sign === '-' && offset !== 0 ? -offset : offset,
  );
}

/** Whether these can be sorted. Throws CelError. */
export function checkOrder(items: readonly CelValue[]): void {
  const [first] = items;
  if (first !== undefined && hasNoOrder(first)) throw new CelError('list elements must be comparable');
  if (new Set(items.map(typeName)).size > 1) throw new CelError('list elements must have the same type');
}

const UNORDERED = ['null_type', 'list', 'map', 'type', 'optional_type'];
const hasNoOrder = (value: CelValue): boolean => value instanceof Message || UNORDERED.includes(typeName(value));

export function inOrder(items: readonly CelValue[]): CelValue[] {
  checkOrder(items);
  return [...items].sort(compareValues);
}

export const compareValues = (a: CelValue, b: CelValue): number => {
  if (typeof a === 'string') return compareText(a, b as string);
  if (a instanceof Uint8Array) return compareBytes(a, b as Uint8Array);
  const bare = (value: CelValue): bigint | number | boolean =>
    value instanceof Uint
      ? value.value
      : value instanceof Timestamp || value instanceof Duration
        ? value.nanos
        : (value as bigint);
  const [one, other] = [bare(a), bare(b)];
  return one < other ? -1 : one > other ? 1 : 0;
};

export function standardFunctions(): Declarations {
  const all = new Declarations();
  addArithmetic(all);
  const ordered = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration'];
  for (const type of ordered) {
    const signature = `(${type}, ${type}): bool`;
    all.add('_<_', signature, (a: CelValue, b: CelValue) => compareValues(a, b) < 0);
    all.add('_<=_', signature, (a: CelValue, b: CelValue) => compareValues(a, b) <= 0);
    all.add('_>_', signature, (a: CelValue, b: CelValue) => compareValues(a, b) > 0);
    all.add('_>=_', signature, (a: CelValue, b: CelValue) => compareValues(a, b) >= 0);
  }
  all
    .add('_==_', '(A, A): bool', (a: CelValue, b: CelValue) => equal(a, b))
    .add('_!=_', '(A, A): bool', (a: CelValue, b: CelValue) => !equal(a, b))
    .add('!_', '(bool): bool', (value: boolean) => !value)
    .add('@in', '(A, list(A)): bool', (item: CelValue, { items }: List) => items.some((own) => equal(own, item)))
    .add('@in', '(A, map(A, B)): bool', (key: CelValue, map: CelMap) => map.get(key) !== undefined)
    .add('type', '(A): type(A)', (value: CelValue) => new TypeValue(typeName(value)))
    .add('dyn', '(A): dyn', (value: CelValue) => value);
  for (const form of ['(T)', 'T.()']) {
    const size = (type: string, run: (...args: never[]) => CelValue): void => {
      all.add('size', `${form.replace('T', type)}: int`, run);
    };
    size('string', (text: string) => BigInt(Array.from(text).length));
    size('bytes', (bytes: Uint8Array) => BigInt(bytes.length));
    size('list(A)', ({ items }: List) => BigInt(items.length));
    size('map(A, B)', (map: CelMap) => BigInt(map.size));
  }
  addConversions(all);
  return all;
}

function addArithmetic(all: Declarations): void {
  const ints: readonly (readonly [string, (a: bigint, b: bigint) => bigint])[] = [
    ['_+_', (a, b) => a + b],
    ['_-_', (a, b) => a - b],
    ['_*_', (a, b) => a * b],
    ['_/_', (a, b) => a / notZero(b, 'division by zero')],
    ['_%_', (a, b) => a % notZero(b, 'modulus by zero')],
  ];
  for (const [name, run] of ints) {
    all.add(name, '(int, int): int', (a: bigint, b: bigint) => int(run(a, b)));
    all.add(name, '(uint, uint): uint', (a: Uint, b: Uint) => uint(run(a.value, b.value)));
  }
  all
    .add('_+_', '(double, double): double', (a: number, b: number) => a + b)
    .add('_-_', '(double, double): double', (a: number, b: number) => a - b)
    .add('_*_', '(double, double): double', (a: number, b: number) => a * b)
    .add('_/_', '(double, double): double', (a: number, b: number) => a / b)
    .add('-_', '(int): int', (value: bigint) => int(-value))
    .add('-_', '(double): double', (value: number) => -value)
    .add('_+_', '(string, string): string', (a: string, b: string) => a + b)
    .add('_+_', '(bytes, bytes): bytes', (a: Uint8Array, b: Uint8Array) => concatBytes(a, b))
    .add('_+_', '(list(A), list(A)): list(A)', (a: List, b: List) => new List([...a.items, ...b.items]))
    .add('_+_', '(timestamp, duration): timestamp', (a: Timestamp, b: Duration) => at(a.nanos + b.nanos, a.offset))
    .add('_+_', '(duration, timestamp): timestamp', (a: Duration, b: Timestamp) => at(a.nanos + b.nanos, b.offset))
    .add('_+_', '(duration, duration): duration', (a: Duration, b: Duration) => new Duration(int(a.nanos + b.nanos)))
    .add(
      '_-_',
      '(timestamp, timestamp): duration',
      (a: Timestamp, b: Timestamp) => new Duration(int(a.nanos - b.nanos)),
    )
    .add('_-_', '(timestamp, duration): timestamp', (a: Timestamp, b: Duration) => at(a.nanos - b.nanos, a.offset))
    .add('_-_', '(duration, duration): duration', (a: Duration, b: Duration) => new Duration(int(a.nanos - b.nanos)));
}

function addConversions(all: Declarations): void {
  const same = (value: CelValue): CelValue => value;
  for (const type of ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration']) {
    all.add(type, `(${type}): ${type}`, same);
  }
  all
    .add('bool', '(string): bool', readBool)
    .add('int', '(string): int', (text: string) => int(readInt(text, 'int')))
    .add('int', '(double): int', (value: number) => int(ofDouble(value)))
    .add('int', '(uint): int', ({ value }: Uint) => int(value))
    .add('int', '(timestamp): int', ({ nanos }: Timestamp) => floorDiv(nanos, 1_000_000_000n))
    .add('int', '(duration): int', ({ nanos }: Duration) => nanos)
    .add('uint', '(string): uint', (text: string) => uint(readInt(text, 'uint')))
    .add('uint', '(double): uint', (value: number) => uint(ofDouble(value)))
    .add('uint', '(int): uint', uint)
    .add('double', '(string): double', readDouble)
    .add('double', '(int): double', Number)
    .add('double', '(uint): double', ({ value }: Uint) => Number(value))
    .add('string', '(int): string', String)
    .add('string', '(uint): string', ({ value }: Uint) => String(value))
    .add('string', '(double): string', (value: number) => goFloat(value))
    .add('string', '(bool): string', String)
    .add('string', '(bytes): string', (bytes: Uint8Array) => {
      const text = decodeUtf8Strict(bytes);
      if (text === undefined) throw new CelError('invalid UTF-8 in bytes, cannot convert to string');
      return text;
    })
    // The checker lets null pass.
    .add('string', '(null): string', () => {
      throw new CelError('no such overload: string(null_type)');
    })
    .add('string', '(timestamp): string', timeText)
    .add('string', '(duration): string', timeText)
    .add('bytes', '(string): bytes', encodeUtf8)
    .add('timestamp', '(string): timestamp', readTimestamp)
    .add('timestamp', '(int): timestamp', (seconds: bigint) => at(seconds * 1_000_000_000n))
    .add('duration', '(string): duration', (text: string) => {
      const nanos = parseCelDuration(text);
      if (nanos === undefined || nanos < INT_MIN || nanos > INT_MAX) throw cannot('string', 'google.protobuf.Duration');
      return new Duration(nanos);
    });
}
