/**
 * Weak typing of JSON values, as upstream's framework does it (mapstructure's weak decoding over encoding/json values
 * with numbers kept as text). Every function throws CoercionError with upstream's text; null gives the zero value.
 */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { emptyObject, isObject, JsonNumber } from '../codec/json.ts';
import { goType as decodedType } from '../codec/go-type.ts';

export class CoercionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CoercionError';
  }
}

export const isNumber = (value: JsonValue): value is number | JsonNumber =>
  typeof value === 'number' || value instanceof JsonNumber;

export const literalOf = (value: number | JsonNumber): string =>
  value instanceof JsonNumber ? value.literal : String(value);

export const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

/** The Go type of a JSON value that was decoded with its numbers kept as text, as errors name it. */
export const goType = (value: JsonValue): string => (isNumber(value) ? 'json.Number' : decodedType(value));

/** `%v` of a decoded JSON value. */
export function goValue(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (isNumber(value)) return literalOf(value);
  if (isList(value)) return `[${value.map(goValue).join(' ')}]`;
  if (isObject(value)) {
    const keys = Object.keys(value).sort();
    return `map[${keys.map((key) => `${key}:${goValue(value[key]!)}`).join(' ')}]`;
  }
  return typeof value === 'string' ? value : value === true ? 'true' : 'false';
}

const wrongType = (where: string, wanted: string, value: JsonValue): CoercionError =>
  new CoercionError(`'${where}' expected type '${wanted}', got unconvertible type '${goType(value)}'`);

const unparsable = (where: string, wanted: string, parser: string, reason: string): CoercionError =>
  new CoercionError(`'${where}' cannot parse value as '${wanted}': strconv.${parser}: ${reason}`);

const truths = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const lies = new Set(['', '0', 'f', 'F', 'false', 'FALSE', 'False']);

export function toBool(value: JsonValue, where = ''): boolean {
  if (typeof value === 'boolean') return value;
  if (value === null) return false;
  const text = typeof value === 'string' ? value : isNumber(value) ? literalOf(value) : undefined;
  if (text === undefined) throw wrongType(where, 'bool', value);
  if (truths.has(text)) return true;
  if (lies.has(text)) return false;
  throw unparsable(where, 'bool', 'ParseBool', 'invalid syntax');
}

const MAX_INT64 = 9223372036854775807n;

/** What Go reads as a whole number without a sign, with base 0: 0x, 0o, 0b, a leading 0 and underscores. */
export function parseGoDigits(text: string): bigint | undefined {
  let digits = text;
  if (/_/.test(digits)) {
    // Underscores separate digits, or the base prefix from digits.
    if (!/^(0[xX]_?|0[bB]_?|0[oO]_?)?[0-9a-fA-F]+(_[0-9a-fA-F]+)*$/.test(digits)) return undefined;
    digits = digits.replaceAll('_', '');
  }
  if (/^0[xX][0-9a-fA-F]+$/.test(digits) || /^0[bB][01]+$/.test(digits)) return BigInt(digits);
  if (/^0[oO]?[0-7]+$/.test(digits)) return BigInt(`0o${digits.replace(/^0[oO]?/, '')}`);
  return /^(0|[1-9][0-9]*)$/.test(digits) ? BigInt(digits) : undefined;
}

/** strconv.ParseInt; base 0 as parseGoDigits, base 10 digits alone. Undefined: invalid syntax. */
export function parseGoInt(text: string, base: 0 | 10): bigint | 'range' | undefined {
  const sign = /^[+-]/.test(text) ? text[0] : '';
  const digits = sign === '' ? text : text.slice(1);
  const inTen = (): bigint | undefined => (/^[0-9]+$/.test(digits) ? BigInt(digits) : undefined);
  const magnitude = base === 0 ? parseGoDigits(digits) : inTen();
  if (magnitude === undefined) return undefined;
  const number = sign === '-' ? -magnitude : magnitude;
  return number > MAX_INT64 || number < -MAX_INT64 - 1n ? 'range' : number;
}

/** A 64-bit integer; beyond 2^53 it is rounded to a double, which no engine cares about. */
export function toInt(value: JsonValue, where = '', wanted = 'int'): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  const text = typeof value === 'string' ? value || '0' : isNumber(value) ? literalOf(value) : undefined;
  if (text === undefined) throw wrongType(where, wanted, value);
  const number = parseGoInt(text, 0);
  if (number === undefined) throw unparsable(where, wanted, 'ParseInt', 'invalid syntax');
  if (number === 'range') throw unparsable(where, wanted, 'ParseInt', 'value out of range');
  return Number(number);
}

const DIGITS = '\\d(?:_?\\d)*';
const FLOAT = new RegExp(`^[+-]?(?:${DIGITS}\\.?(?:${DIGITS})?|\\.${DIGITS})(?:[eE][+-]?${DIGITS})?$`);

export function toFloat(value: JsonValue, where = ''): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const text = typeof value === 'string' ? value || '0' : isNumber(value) ? literalOf(value) : undefined;
  if (text === undefined) throw wrongType(where, 'float64', value);
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (text.toLowerCase() === 'nan') return Number.NaN;
  if (!FLOAT.test(text)) throw unparsable(where, 'float64', 'ParseFloat', 'invalid syntax');
  const number = Number(text.replaceAll('_', ''));
  if (!Number.isFinite(number)) throw unparsable(where, 'float64', 'ParseFloat', 'value out of range');
  return number;
}

export function toText(value: JsonValue, where = ''): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (isNumber(value)) return literalOf(value);
  throw wrongType(where, 'string', value);
}

/** An object; a list of objects is merged, later keys win. */
export function toMap(value: JsonValue, where = ''): JsonObject {
  if (value === null) return emptyObject();
  if (isObject(value)) return value;
  if (!isList(value)) throw wrongType(where, 'map[string]interface {}', value);
  const merged = emptyObject();
  value.forEach((item, i) => {
    for (const [key, part] of Object.entries(toMap(item, `${where}[${i}]`))) merged[key] = part;
  });
  return merged;
}

/** What counts as a list: lists, a lone value as a list of one, null and {} as empty. */
export function asList(value: JsonValue): readonly JsonValue[] {
  if (value === null) return [];
  if (isList(value)) return value;
  return isObject(value) && Object.keys(value).length === 0 ? [] : [value];
}

/** Converts each item and reports all that fail together. */
export function toListOf<T>(value: JsonValue, item: (value: JsonValue, where: string) => T): T[] {
  const out: T[] = [];
  const wrong: string[] = [];
  asList(value).forEach((part, i) => {
    try {
      out.push(item(part, `[${i}]`));
    } catch (error) {
      if (!(error instanceof CoercionError)) throw error;
      wrong.push(error.message);
    }
  });
  if (wrong.length > 0) {
    throw new CoercionError(`decoding failed due to the following error(s):\n\n${wrong.join('\n')}`);
  }
  return out;
}

/** A string is split at commas; items are trimmed. (An older library than the rest: its texts show the value.) */
export function toCommaStrings(value: JsonValue): string[] {
  if (value === '' || value === null) return [];
  const text = isNumber(value) ? literalOf(value) : value;
  if (typeof text === 'string') return text.split(',').map((part) => part.trim());
  const out: string[] = [];
  const wrong: string[] = [];
  asList(text).forEach((part, i) => {
    if (isList(part) || isObject(part)) {
      const type = goType(part);
      wrong.push(`* '[${i}]' expected type 'string', got unconvertible type '${type}', value: '${goValue(part)}'`);
    } else out.push(toText(part).trim());
  });
  if (wrong.length > 0) throw new CoercionError(`${wrong.length} error(s) decoding:\n\n${wrong.join('\n')}`);
  return out;
}

export function toCommaInts(value: JsonValue): number[] {
  const text = isNumber(value) ? literalOf(value) : value;
  if (text === '') return [];
  return toListOf(typeof text === 'string' ? text.split(',') : text, (part, where) => toInt(part, where));
}

/** String values by key: an object, a list of objects, or a list of 'key=value'. */
export function toPairs(value: JsonValue, field: string): Record<string, string> {
  try {
    const pairs = emptyObject() as Record<string, string>;
    for (const [key, part] of Object.entries(toMap(value))) pairs[key] = toText(part);
    return pairs;
  } catch (error) {
    if (!(error instanceof CoercionError)) throw error;
  }
  const pairs = emptyObject() as Record<string, string>;
  toListOf(value, toText).forEach((pair, i) => {
    const at = pair.indexOf('=');
    if (at <= 0) throw new CoercionError(`invalid key pair at index ${i} in field "${field}"`);
    pairs[pair.slice(0, at)] = pair.slice(at + 1);
  });
  return pairs;
}
