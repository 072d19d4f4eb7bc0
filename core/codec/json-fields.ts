/** Reading stored JSON whose shape is ours: what is missing or of another kind reads as undefined. */
import { JsonNumber, isObject } from './json.ts';
import type { JsonObject, JsonValue } from './json.ts';

export function asNumber(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return value;
  return value instanceof JsonNumber ? Number(value.literal) : undefined;
}

export const asString = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

export const asBoolean = (value: JsonValue | undefined): boolean | undefined =>
  typeof value === 'boolean' ? value : undefined;

export const asObject = (value: JsonValue | undefined): JsonObject | undefined => (isObject(value) ? value : undefined);

export const asList = (value: JsonValue | undefined): readonly JsonValue[] | undefined =>
  Array.isArray(value) ? (value as readonly JsonValue[]) : undefined;

/** The strings of a list; undefined when it is none or holds anything else. */
export function asStrings(value: JsonValue | undefined): string[] | undefined {
  const list = asList(value);
  if (list === undefined) return undefined;
  const strings = list.filter((item) => typeof item === 'string');
  return strings.length === list.length ? strings : undefined;
}

/** An object's string values; undefined when it is none or holds anything else. */
export function asStringMap(value: JsonValue | undefined): Record<string, string> | undefined {
  const object = asObject(value);
  if (object === undefined) return undefined;
  const strings: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const key of Object.keys(object)) {
    const item = object[key];
    if (typeof item !== 'string') return undefined;
    strings[key] = item;
  }
  return strings;
}

/** A member by its name, or else by the name in any other case, as Go's decoders find it. */
export function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  if (Object.hasOwn(object, name)) return object[name];
  const lower = name.toLowerCase();
  const key = Object.keys(object).find((one) => one.toLowerCase() === lower);
  return key === undefined ? undefined : object[key];
}
