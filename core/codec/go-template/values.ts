/** Values of Go's text/template: integers are bigint, floats are number; anything else is JSON's. */
import { JsonNumber, isObject, sortedKeys } from '../json.ts';
import type { JsonValue } from '../json.ts';
import { goFloat } from '../../telemetry/go-float.ts';
import { quote } from '../go-quote.ts';

export type TemplateValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly TemplateValue[]
  | GoSlice
  | GoStruct
  | { readonly [key: string]: TemplateValue };

/** A Go struct that upstream hands to a template: errors name its type, %v shows it as its own method does. */
export class GoStruct {
  readonly type: string;
  readonly text: string;
  /** What templates reach behind a dot, methods without arguments among it. */
  readonly fields: TemplateMap;

  constructor(type: string, text: string, fields: TemplateMap) {
    this.type = type;
    this.text = text;
    this.fields = fields;
  }
}

/** A list whose type has a name in Go. */
export class GoSlice<Item extends TemplateValue = TemplateValue> {
  readonly type: string;
  readonly items: readonly Item[];

  constructor(type: string, items: readonly Item[]) {
    this.type = type;
    this.items = items;
  }
}

const isGoValue = (value: TemplateValue): value is GoSlice | GoStruct =>
  value instanceof GoSlice || value instanceof GoStruct;

/** Of a list; undefined for anything else. */
export function itemsOf(value: TemplateValue): readonly TemplateValue[] | undefined {
  if (value instanceof GoSlice) return value.items;
  return Array.isArray(value) ? (value as readonly TemplateValue[]) : undefined;
}

/** As after json.Unmarshal: all numbers are floats. */
export function fromJson(value: JsonValue): TemplateValue {
  if (value instanceof JsonNumber) return Number(value.literal);
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(fromJson);
  if (value instanceof Map) return fromJson(Object.fromEntries(value as ReadonlyMap<string, JsonValue>));
  if (!isObject(value)) return value as TemplateValue;
  return Object.fromEntries(sortedKeys(value).map((key) => [key, fromJson(value[key]!)]));
}

export type TemplateMap = { readonly [key: string]: TemplateValue };

export const isMap = (value: TemplateValue): value is TemplateMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isGoValue(value);

/** What `if` takes for true. */
export function truth(value: TemplateValue): boolean {
  if (value === null || value === false || value === '' || value === 0 || value === 0n) return false;
  const items = itemsOf(value);
  if (items !== undefined) return items.length > 0;
  return !isMap(value) || Object.keys(value).length > 0;
}

/** %v. */
export function show(value: TemplateValue): string {
  if (value === null) return '<no value>';
  return showInside(value);
}

export function showInside(value: TemplateValue): string {
  if (value === null) return '<nil>';
  if (typeof value === 'number') return goFloat(value);
  if (value instanceof GoStruct) return value.text;
  const items = itemsOf(value);
  if (items !== undefined) return `[${items.map(showInside).join(' ')}]`;
  if (isMap(value)) {
    return `map[${sortedKeys(value)
      .map((key) => `${key}:${showInside(value[key]!)}`)
      .join(' ')}]`;
  }
  return typeof value === 'string' ? value : `${value as boolean | bigint}`;
}

/** %T. */
export function goType(value: TemplateValue): string {
  if (value === null) return '<nil>';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (isGoValue(value)) return value.type;
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

const VERB = /%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g;

/** fmt.Sprintf for the verbs that templates use. */
export function sprintf(format: string, args: readonly TemplateValue[]): string {
  let next = 0;
  const text = format.replace(
    VERB,
    (_, flags: string, width: string | undefined, digits: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      if (next >= args.length) return `%!${verb}(MISSING)`;
      const shown = clause(verb, digits === undefined ? undefined : Number(digits), args[next++]!);
      const wide = Number(width ?? 0);
      if (flags.includes('-')) return shown.padEnd(wide);
      return shown.padStart(wide, flags.includes('0') ? '0' : ' ');
    },
  );
  if (next >= args.length) return text;
  const rest = args.slice(next).map((arg) => `${goType(arg)}=${showInside(arg)}`);
  return `${text}%!(EXTRA ${rest.join(', ')})`;
}

function clause(verb: string, digits: number | undefined, value: TemplateValue): string {
  const wrong = `%!${verb}(${goType(value)}=${showInside(value)})`;
  switch (verb) {
    case 'v':
      return showInside(value);
    case 'T':
      return goType(value);
    case 't':
      return typeof value === 'boolean' ? String(value) : wrong;
    case 's':
      if (typeof value === 'string') return digits === undefined ? value : Array.from(value).slice(0, digits).join('');
      return itemsOf(value) !== undefined || value instanceof GoStruct ? showInside(value) : wrong;
    case 'q':
      return typeof value === 'string' ? quote(value) : wrong;
    case 'd':
      return typeof value === 'bigint' ? String(value) : wrong;
    case 'x':
    case 'X': {
      const bytes = typeof value === 'bigint' ? value.toString(16) : undefined;
      return bytes === undefined ? wrong : verb === 'X' ? bytes.toUpperCase() : bytes;
    }
    case 'f':
      return typeof value === 'number' ? value.toFixed(digits ?? 6) : wrong;
    case 'g':
      return typeof value === 'number' ? goFloat(value) : wrong;
    default:
      return wrong;
  }
}
