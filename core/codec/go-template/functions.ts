/** The functions that every template has. */
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import { compareText } from '../bytes.ts';
import { GoTemplateError } from './lexer.ts';
import type { TemplateValue } from './values.ts';
import { GoSlice, goType, isMap, itemsOf, showInside, sprintf, truth } from './values.ts';

/**
 * Kinds of parameters; the last may come any number of times when its name ends in '...'. What is none of the first ones
 * is the name of a type of Go's that `goType` tells.
 */
export interface TemplateFunction {
  readonly params: readonly ('any' | 'string' | 'int' | 'uint' | 'any...' | `sockaddr.${string}`)[];
  readonly run: (...args: never[]) => TemplateValue;
}
export type TemplateFunctions = Readonly<Record<string, TemplateFunction>>;

export const templateFunction = (
  params: TemplateFunction['params'],
  run: TemplateFunction['run'],
): TemplateFunction => ({ params, run });

const fail = (message: string): never => {
  throw new GoTemplateError(message);
};

function basic(a: TemplateValue, b: TemplateValue): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'boolean' && typeof b === 'boolean') return a === b ? 0 : 1;
  return fail(`incompatible types for comparison: ${goType(a)} and ${goType(b)}`);
}

const ordered = (a: TemplateValue, b: TemplateValue): number =>
  typeof a === 'boolean' || a === null || typeof a === 'object' ? fail('invalid type for comparison') : basic(a, b);

function equal(a: TemplateValue, b: TemplateValue): boolean {
  if (a === null || b === null) return a === b;
  for (const one of [a, b]) {
    if (typeof one === 'object') return fail(`non-comparable type ${showInside(one)}: ${goType(one)}`);
  }
  return basic(a, b) === 0;
}

function at(value: TemplateValue, key: TemplateValue): TemplateValue {
  if (isMap(value)) {
    if (typeof key !== 'string') return fail(`value has type ${goType(key)}; should be string`);
    return Object.hasOwn(value, key) ? value[key]! : null;
  }
  if (value === null) return fail('index of untyped nil');
  if (typeof value === 'string' && typeof key === 'bigint') return at(byteValues(value), key);
  if (typeof key !== 'bigint') {
    const indexed = itemsOf(value) !== undefined || typeof value === 'string';
    return fail(
      indexed ? `cannot index slice/array with type ${goType(key)}` : `can't index item of type ${goType(value)}`,
    );
  }
  const items = itemsOf(value);
  if (items === undefined) return fail(`can't index item of type ${goType(value)}`);
  const item = items[Number(key)];
  return item === undefined ? fail(`index out of range: ${key}`) : item;
}

const byteValues = (text: string): readonly TemplateValue[] => Array.from(encodeUtf8(text), BigInt);

function length(value: TemplateValue): bigint {
  if (typeof value === 'string') return BigInt(encodeUtf8(value).length);
  const items = itemsOf(value);
  if (items !== undefined) return BigInt(items.length);
  if (value !== null && isMap(value)) return BigInt(Object.keys(value).length);
  return fail(value === null ? 'len of nil pointer' : `len of type ${goType(value)}`);
}

function slice(value: TemplateValue, from: TemplateValue = 0n, to?: TemplateValue): TemplateValue {
  const whole = typeof value === 'string' ? value : itemsOf(value);
  if (whole === undefined) return fail(`can't slice item of type ${goType(value)}`);
  const end = to === undefined ? whole.length : Number(to);
  if (end > whole.length) return fail(`index out of range: ${end}`);
  const part = whole.slice(Number(from), end) as readonly TemplateValue[];
  return value instanceof GoSlice ? new GoSlice(value.type, part) : part;
}

const HTML: Readonly<Record<string, string>> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\0': '\ufffd',
};

const JS: Readonly<Record<string, string>> = {
  "'": "\\'",
  '"': '\\"',
  '\\': '\\\\',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

/** Sprint puts a space between operands when neither is a string. */
const sprint = (args: readonly TemplateValue[]): string =>
  args.reduce<string>((text, arg, i) => {
    const apart = i > 0 && typeof arg !== 'string' && typeof args[i - 1] !== 'string';
    return text + (apart ? ' ' : '') + showInside(arg);
  }, '');

type Values = readonly TemplateValue[];

export const builtins: TemplateFunctions = {
  and: templateFunction(['any', 'any...'], (...args: Values) => args.find((arg) => !truth(arg)) ?? args.at(-1)!),
  or: templateFunction(['any', 'any...'], (...args: Values) => args.find(truth) ?? args.at(-1)!),
  not: templateFunction(['any'], (value: TemplateValue) => !truth(value)),
  len: templateFunction(['any'], length),
  index: templateFunction(['any', 'any...'], (value: TemplateValue, ...keys: Values) => keys.reduce(at, value)),
  slice: templateFunction(['any', 'any...'], slice),
  print: templateFunction(['any...'], (...args: Values) => sprint(args)),
  println: templateFunction(['any...'], (...args: Values) => `${args.map(showInside).join(' ')}\n`),
  printf: templateFunction(['string', 'any...'], (format: string, ...args: Values) => sprintf(format, args)),
  html: templateFunction(['any...'], (...args: Values) => sprint(args).replace(/["'&<>\0]/g, (one) => HTML[one]!)),
  js: templateFunction(['any...'], (...args: Values) => sprint(args).replace(/['"\\<>&=]/g, (one) => JS[one]!)),
  urlquery: templateFunction(['any...'], (...args: Values) =>
    encodeURIComponent(decodeUtf8(encodeUtf8(sprint(args)))).replaceAll('%20', '+'),
  ),
  eq: templateFunction(['any', 'any...'], (a: TemplateValue, ...others: Values) => others.some((b) => equal(a, b))),
  ne: templateFunction(['any', 'any'], (a: TemplateValue, b: TemplateValue) => !equal(a, b)),
  lt: templateFunction(['any', 'any'], (a: TemplateValue, b: TemplateValue) => ordered(a, b) < 0),
  le: templateFunction(['any', 'any'], (a: TemplateValue, b: TemplateValue) => ordered(a, b) <= 0),
  gt: templateFunction(['any', 'any'], (a: TemplateValue, b: TemplateValue) => ordered(a, b) > 0),
  ge: templateFunction(['any', 'any'], (a: TemplateValue, b: TemplateValue) => ordered(a, b) >= 0),
};
