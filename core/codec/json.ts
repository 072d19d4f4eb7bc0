/** JSON as Go reads and writes it: number literals kept, error texts of Go's decoder, sorted keys, escaped <>&. */
import { compareText } from './bytes.ts';
import { JsonReader } from './json-reader.ts';
import { JsonError, JsonNumber, isObject, kindOf } from './json-value.ts';
import type { JsonObject, JsonValue } from './json-value.ts';

export * from './json-value.ts';

/**
 * One JSON value and nothing after it (Go's json.Unmarshal). Throws JsonError with Go's text.
 * A key that comes twice keeps its last value.
 */
export function parse(input: string | Uint8Array): JsonValue {
  return new JsonReader(input, 'whole').whole();
}

/** `parse` for what must be an object. Throws JsonError, also for other kinds of values. */
export function parseObject(input: string | Uint8Array): JsonObject {
  const value = parse(input);
  if (isObject(value)) return value;
  throw new JsonError(`json: cannot unmarshal ${kindOf(value)} into Go value of type map[string]interface {}`);
}

// Lone surrogates match because the expression is in Unicode mode.
/* oxlint-disable no-control-regex -- control characters are what must be escaped */
const NEEDS_ESCAPE = /["\\<>&\u0000-\u001f\u2028\u2029\ud800-\udfff]/u;
const ESCAPED = /["\\<>&\u0000-\u001f\u2028\u2029\ud800-\udfff]/gu;
/* oxlint-enable no-control-regex */
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function escape(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.charCodeAt(0);
  return code >= 0xd800 && code <= 0xdfff ? '\\ufffd' : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** A string with its quotes. */
export const printString = (text: string): string =>
  NEEDS_ESCAPE.test(text) ? `"${text.replace(ESCAPED, escape)}"` : `"${text}"`;

// JavaScript and Go's encoding/json agree on the digits and the exponent of every float but negative zero.
const printNumber = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

const BEYOND_BASIC_PLANE = /[\ud800-\udfff]/;

/** Keys in the byte order of their UTF-8, as Go sorts them. */
export function sortedKeys(object: Readonly<Record<string, unknown>>): string[] {
  const keys = Object.keys(object);
  if (keys.length < 2) return keys;
  keys.sort();
  return keys.some((key) => BEYOND_BASIC_PLANE.test(key)) ? keys.sort(compareText) : keys;
}

/** Compact JSON as Go's json.Marshal prints it, however deep. */
export const print = (value: JsonValue): string => printAt(value, 0);

/** Deeper documents are printed with a stack of our own, since the engine's is short. */
const SHALLOW = 200;

function printAt(value: JsonValue, depth: number): string {
  switch (typeof value) {
    case 'string':
      return printString(value);
    case 'number':
      return printNumber(value);
    case 'boolean':
      return value ? 'true' : 'false';
  }
  if (value === null) return 'null';
  if (value instanceof JsonNumber) return value.literal;
  if (depth === SHALLOW) return printDeep(value);
  let text = '';
  const below = depth + 1;
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) text += (text === '' ? '' : ',') + printAt(item, below);
    return `[${text}]`;
  }
  if (value instanceof Map) {
    for (const [key, item] of value as ReadonlyMap<string, JsonValue>) {
      text += (text === '' ? '' : ',') + printString(key) + ':' + printAt(item, below);
    }
    return `{${text}}`;
  }
  const object = value as JsonObject;
  for (const key of sortedKeys(object)) {
    text += (text === '' ? '' : ',') + printString(key) + ':' + printAt(object[key]!, below);
  }
  return `{${text}}`;
}

interface Open {
  readonly items: readonly (readonly [head: string, value: JsonValue])[];
  readonly close: string;
  next: number;
}

function printDeep(value: JsonValue): string {
  let text = '';
  const stack: Open[] = [];
  const begin = (head: string, item: JsonValue): void => {
    if (typeof item !== 'object' || item === null || item instanceof JsonNumber) {
      text += head + printAt(item, 0);
      return;
    }
    const list = Array.isArray(item);
    text += head + (list ? '[' : '{');
    stack.push({ items: itemsOf(item), close: list ? ']' : '}', next: 0 });
  };
  begin('', value);
  for (let open = stack.at(-1); open !== undefined; open = stack.at(-1)) {
    const item = open.items[open.next++];
    if (item === undefined) {
      text += open.close;
      stack.pop();
      continue;
    }
    if (open.next > 1) text += ',';
    begin(item[0], item[1]);
  }
  return text;
}

function itemsOf(value: object): Open['items'] {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => ['', item]);
  if (value instanceof Map) {
    return [...(value as ReadonlyMap<string, JsonValue>)].map(([key, item]) => [`${printString(key)}:`, item]);
  }
  const object = value as JsonObject;
  return sortedKeys(object).map((key) => [`${printString(key)}:`, object[key]!]);
}
