/** string.format: clauses as cel-go knows them. */
import { encodeHex } from '../codec/hex.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import type { Expr } from './ast.ts';
import { CelError } from './error.ts';
import { timeText } from './time.ts';
import { DYN, isAny, type Type } from './types.ts';
import type { CelValue } from './values.ts';
import { CelMap, Duration, List, Message, Optional, Timestamp, TypeValue, Uint, typeName } from './values.ts';

const MOST_PRECISE = 100;
const LARGEST = 9_223_372_036_854_775_807n;
const USUAL_PRECISION = 6;

/** What is left over is nobody's. Throws CelError. */
export const formatText = (text: string, args: readonly CelValue[]): string =>
  formatParts(text, args.length, (verb, precision, i) => clause(verb, precision, args[i]!)).text;

/** `each` prints the i-th argument. An argument that is missing is told before its clause is read. */
function formatParts(
  text: string,
  given: number,
  each: (verb: string, precision: number, i: number) => string,
): { readonly text: string; readonly taken: number } {
  let [out, rest, taken] = ['', text, 0];
  for (let at = rest.indexOf('%'); at >= 0; at = rest.indexOf('%')) {
    out += rest.slice(0, at);
    rest = rest.slice(at + 1);
    if (rest.startsWith('%')) {
      out += '%';
      rest = rest.slice(1);
      continue;
    }
    if (rest === '') throw new CelError('unexpected end of string');
    if (taken >= given) throw new CelError(`index ${taken} out of range`);
    const { verb, precision, length } = clauseAt(rest);
    out += each(verb, precision, taken++);
    rest = rest.slice(length);
  }
  return { text: out + rest, taken };
}

function clauseAt(rest: string): { readonly verb: string; readonly precision: number; readonly length: number } {
  const [start = '', digits] = /^\.(\d*)/.exec(rest) ?? [];
  const precision = digits === undefined ? USUAL_PRECISION : precisionOf(digits, start === rest);
  const verb = String.fromCodePoint(rest.codePointAt(start.length)!);
  if ('sdfeboxX'.includes(verb)) return { verb, precision, length: start.length + verb.length };
  throw new CelError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
}

function precisionOf(digits: string, isAll: boolean): number {
  const refuse = (why: string): CelError =>
    new CelError(`could not parse formatting clause: error while parsing precision: ${why}`);
  const noNumber = (why: string): CelError =>
    refuse(`error while converting precision to integer: strconv.Atoi: parsing "${digits}": ${why}`);
  if (isAll) throw refuse('could not find end of precision specifier');
  if (digits === '') throw noNumber('invalid syntax');
  if (BigInt(digits) > LARGEST) throw noNumber('value out of range');
  const precision = Number(digits);
  if (precision <= MOST_PRECISE) return precision;
  throw refuse(`precision ${BigInt(digits)} exceeds maximum allowed precision ${MOST_PRECISE}`);
}

/** A mistake in a format; `at` when it is an argument's. */
export interface FormatMistake {
  readonly at?: number;
  readonly message: string;
}

/** What the checker can tell already of a literal format and a list written out; `typeOf` is what it found of each. */
export function formatMistake(
  target: Expr,
  list: Expr | undefined,
  typeOf: (expr: Expr) => Type,
): FormatMistake | undefined {
  if (target.kind !== 'literal' || typeof target.value !== 'string' || list?.kind !== 'list') return undefined;
  let at: number | undefined;
  const check = (verb: string, expr: Expr): void => {
    // Which side of a choice is printed is not known yet.
    const type = expr.kind === 'call' && expr.name === '_?_:_' ? DYN : typeOf(expr);
    const [allowed, why] = TAKEN[verb]!;
    if (!isAny(type) && !allowed.includes(type.name)) {
      ({ at } = expr);
      throw refusal(why, SHOWN[type.name] ?? type.name);
    }
    if (verb === 's') for (const inner of written(expr)) check(verb, inner);
  };
  const given = list.items.length;
  try {
    const { taken } = formatParts(target.value, given, (verb, _precision, i) => {
      check(verb, list.items[i]!.value);
      return '';
    });
    if (taken === given) return undefined;
    return { message: `too many arguments supplied to string.format (expected ${taken}, got ${given})` };
  } catch (error) {
    if (error instanceof CelError) return { ...(at !== undefined && { at }), message: error.message };
    throw error;
  }
}

/** What stands written in a list or a map. */
function written(expr: Expr): readonly Expr[] {
  if (expr.kind === 'list') return expr.items.map(({ value }) => value);
  return expr.kind === 'map' ? expr.entries.flatMap(({ key, value }) => [key, value]) : [];
}

const WHOLE = ['int', 'uint'];
const TEXTS = ['string', 'bool', 'bytes', ...WHOLE, 'double', 'map', 'list', 'type', 'null', 'duration', 'timestamp'];

/** The types that a clause takes, and what is said of others. */
const TAKEN: Readonly<Record<string, readonly [types: readonly string[], why: string]>> = {
  s: [
    TEXTS,
    'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  ],
  d: [[...WHOLE, 'double'], 'decimal clause can only be used on ints, uints, and doubles'],
  f: [[...WHOLE, 'double'], 'fixed-point clause can only be used on ints, uints, and doubles'],
  e: [[...WHOLE, 'double'], 'scientific clause can only be used on ints, uints, and doubles'],
  b: [[...WHOLE, 'bool'], 'only ints, uints, and bools can be formatted as binary'],
  o: [WHOLE, 'octal clause can only be used on ints and uints'],
  x: [[...WHOLE, 'string', 'bytes'], 'only ints, uints, bytes, and strings can be formatted as hex'],
  X: [[...WHOLE, 'string', 'bytes'], 'only ints, uints, bytes, and strings can be formatted as hex'],
};

const SHOWN: Readonly<Record<string, string>> = {
  null: 'null_type',
  duration: 'google.protobuf.Duration',
  timestamp: 'google.protobuf.Timestamp',
};

const refusal = (why: string, given: string): CelError =>
  new CelError(`error during formatting: ${why}, was given ${given}`);

/** JavaScript drops the sign of a negative zero. */
const signed = (value: number, text: string): string => (Object.is(value, -0) ? `-${text}` : text);

/** Where JavaScript would go over to exponents, too. */
function fixed(value: number, precision: number): string {
  if (!Number.isFinite(value) || Math.abs(value) < 1e21) return signed(value, value.toFixed(precision));
  return precision === 0 ? String(BigInt(value)) : `${BigInt(value)}.${'0'.repeat(precision)}`;
}

/** The shortest digits that name the number, without an exponent. */
function plainNumber(value: number): string {
  const [, sign = '', whole = '', part = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(String(value)) ?? [];
  if (whole === '') return signed(value, String(value));
  const point = whole.length + Number(exponent);
  const digits = whole + part;
  return point > 0 ? sign + digits.padEnd(point, '0') : `${sign}0.${'0'.repeat(-point)}${digits}`;
}

function clause(verb: string, precision: number, value: CelValue): string {
  const refused = (): CelError => refusal(TAKEN[verb]![1], typeName(value));
  const whole = value instanceof Uint ? value.value : typeof value === 'bigint' ? value : undefined;
  switch (verb) {
    case 's':
      return textOf(value);
    case 'd':
      if (whole !== undefined) return String(whole);
      if (typeof value === 'number') return plainNumber(value);
      throw refused();
    case 'f':
      if (typeof value === 'number' || whole !== undefined) return fixed(Number(whole ?? value), precision);
      throw refused();
    case 'e':
      if (typeof value === 'number' || whole !== undefined) {
        const number = Number(whole ?? value);
        return signed(number, number.toExponential(precision)).replace(/e([+-])(\d)$/, 'e$10$2');
      }
      throw refused();
    case 'b':
      if (whole !== undefined) return whole.toString(2);
      if (typeof value === 'boolean') return value ? '1' : '0';
      throw refused();
    case 'o':
      if (whole !== undefined) return whole.toString(8);
      throw refused();
    default: {
      const text =
        whole !== undefined
          ? whole.toString(16)
          : typeof value === 'string'
            ? encodeHex(encodeUtf8(value))
            : value instanceof Uint8Array
              ? encodeHex(value)
              : undefined;
      if (text === undefined) throw refused();
      return verb === 'X' ? text.toUpperCase() : text;
    }
  }
}

function textOf(value: CelValue): string {
  if (value === null) return 'null';
  if (value instanceof List) return `[${value.items.map(textOf).join(', ')}]`;
  if (value instanceof CelMap) {
    return `{${value
      .entries()
      .map(([key, item]) => `${textOf(key)}: ${textOf(item)}`)
      .sort()
      .join(', ')}}`;
  }
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Timestamp) return timeText(new Timestamp(value.nanos));
  if (value instanceof Duration) return timeText(value);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof Uint8Array) return decodeUtf8(value);
  if (value instanceof Optional || value instanceof Message) throw refusal(TAKEN['s']![1], typeName(value));
  return typeof value === 'number' ? plainNumber(value) : String(value);
}
