/** string.format: clauses as cel-go knows them. */
import { encodeHex } from '../codec/hex.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import type { Expr } from './ast.ts';
import { CelError } from './error.ts';
import { timeText } from './time.ts';
import type { CelValue } from './values.ts';
import { CelMap, Duration, List, Message, Optional, Timestamp, TypeValue, Uint, typeName } from './values.ts';

type Part = string | { readonly verb: string; readonly precision: number };

function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let rest = text;
  for (;;) {
    const at = rest.indexOf('%');
    if (at < 0) return [...parts, rest];
    parts.push(rest.slice(0, at));
    const found = /^%(?:\.(\d+))?(.)?/su.exec(rest.slice(at))!;
    if (found[2] === undefined) throw new CelError('unexpected end of string');
    if (found[2] === '%') parts.push('%');
    else if ('sdfeboxX'.includes(found[2])) parts.push({ verb: found[2], precision: Number(found[1] ?? 6) });
    else throw new CelError(`could not parse formatting clause: unrecognized formatting clause "${found[2]}"`);
    rest = rest.slice(at + found[0].length);
  }
}

/** What is left over is nobody's. Throws CelError. */
export const formatText = (text: string, args: readonly CelValue[]): string =>
  formatParts(partsOf(text), args.length, (verb, precision, i) => clause(verb, precision, args[i]!)).text;

/** `each` prints the i-th argument. */
function formatParts(
  parts: readonly Part[],
  given: number,
  each: (verb: string, precision: number, i: number) => string,
): { readonly text: string; readonly taken: number } {
  let next = 0;
  const out = parts.map((part) => {
    if (typeof part === 'string') return part;
    if (next >= given) throw new CelError(`index ${next} out of range`);
    return each(part.verb, part.precision, next++);
  });
  return { text: out.join(''), taken: next };
}

/** A mistake in a format; `at` when it is an argument's. */
export interface FormatMistake {
  readonly at?: number;
  readonly message: string;
}

/** What the checker can tell already of a literal format and a list written out. */
export function formatMistake(target: Expr, list: Expr | undefined): FormatMistake | undefined {
  if (target.kind !== 'literal' || typeof target.value !== 'string' || list?.kind !== 'list') return undefined;
  let at: number | undefined;
  const given = list.items.length;
  try {
    const { taken } = formatParts(partsOf(target.value), given, (verb, precision, i) => {
      const { value } = list.items[i]!;
      if (value.kind !== 'literal') return '';
      at = value.at;
      const text = clause(verb, precision, value.value);
      at = undefined;
      return text;
    });
    if (taken === given) return undefined;
    return { message: `too many arguments supplied to string.format (expected ${taken}, got ${given})` };
  } catch (error) {
    if (error instanceof CelError) return { ...(at !== undefined && { at }), message: error.message };
    throw error;
  }
}

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
  const refuse = (what: string): CelError =>
    new CelError(`error during formatting: ${what}, was given ${typeName(value)}`);
  const whole = value instanceof Uint ? value.value : typeof value === 'bigint' ? value : undefined;
  switch (verb) {
    case 's':
      return textOf(value);
    case 'd':
      if (whole !== undefined) return String(whole);
      if (typeof value === 'number') return plainNumber(value);
      throw refuse('decimal clause can only be used on ints, uints, and doubles');
    case 'f':
      if (typeof value === 'number' || whole !== undefined) return fixed(Number(whole ?? value), precision);
      throw refuse('fixed-point clause can only be used on ints, uints, and doubles');
    case 'e':
      if (typeof value === 'number' || whole !== undefined) {
        const number = Number(whole ?? value);
        return signed(number, number.toExponential(precision)).replace(/e([+-])(\d)$/, 'e$10$2');
      }
      throw refuse('scientific clause can only be used on ints, uints, and doubles');
    case 'b':
      if (whole !== undefined) return whole.toString(2);
      if (typeof value === 'boolean') return value ? '1' : '0';
      throw refuse('only ints, uints, and bools can be formatted as binary');
    case 'o':
      if (whole !== undefined) return whole.toString(8);
      throw refuse('octal clause can only be used on ints and uints');
    default: {
      const text =
        whole !== undefined
          ? whole.toString(16)
          : typeof value === 'string'
            ? encodeHex(encodeUtf8(value))
            : value instanceof Uint8Array
              ? encodeHex(value)
              : undefined;
      if (text === undefined) throw refuse('only ints, uints, bytes, and strings can be formatted as hex');
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
  if (value instanceof Optional || value instanceof Message) return typeName(value);
  return String(value);
}
