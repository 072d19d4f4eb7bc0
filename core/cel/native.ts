/** Values as JSON. */
import { encodeBase64 } from '../codec/base64.ts';
import { emptyObject, JsonNumber } from '../codec/json.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { timeText } from './time.ts';
import type { CelValue } from './values.ts';
import { CelMap, Duration, List, Message, Optional, Timestamp, TypeValue, Uint, keyText } from './values.ts';

const integer = (value: bigint): JsonValue =>
  value >= -9_007_199_254_740_991n && value <= 9_007_199_254_740_991n ? Number(value) : new JsonNumber(String(value));

/** Whole, as after conversion to plain values. */
export function nativeJson(value: CelValue): JsonValue {
  if (value instanceof List) return value.native === undefined ? value.items.map(nativeJson) : value.native;
  if (value instanceof CelMap) return value.native === undefined ? entriesJson(value, nativeJson) : value.native;
  if (value instanceof Message) return objectOf([...value.fields].map(([name, item]) => [name, nativeJson(item)]));
  if (value instanceof Optional) return value.value === undefined ? null : nativeJson(value.value);
  return scalarJson(value);
}

/**
 * What Go prints when a result is handed on as it is (`ref.Val.Value()`): the outermost list or map holds CEL's own
 * values, and of those that are lists and maps themselves only the adapter shows.
 */
export function resultJson(value: CelValue): JsonValue {
  if (value instanceof Optional) return value.value === undefined ? null : resultJson(value.value);
  if (value instanceof TypeValue) return value.name;
  if (value === null) return 0;
  if (value instanceof List) return value.native === undefined ? value.items.map(elementJson) : value.native;
  if (value instanceof CelMap) return value.native === undefined ? entriesJson(value, elementJson) : value.native;
  return nativeJson(value);
}

function elementJson(value: CelValue): JsonValue {
  if (value === null) return 0;
  if (value instanceof List || value instanceof CelMap) return { Adapter: emptyObject() };
  if (value instanceof TypeValue || value instanceof Optional) return emptyObject();
  if (value instanceof Duration) return { Duration: integer(value.nanos) };
  return nativeJson(value);
}

function scalarJson(value: CelValue): JsonValue {
  if (typeof value === 'bigint') return integer(value);
  if (value instanceof Uint) return integer(value.value);
  if (value instanceof Uint8Array) return encodeBase64(value);
  if (value instanceof Timestamp) return timeText(value);
  if (value instanceof Duration) return integer(value.nanos);
  return value instanceof TypeValue ? value.name : (value as string | number | boolean | null);
}

const entriesJson = (map: CelMap, item: (value: CelValue) => JsonValue): JsonObject =>
  objectOf(map.entries().map(([key, value]) => [keyText(key), item(value)]));

function objectOf(entries: readonly (readonly [string, JsonValue])[]): JsonObject {
  const object = emptyObject();
  for (const [key, value] of entries) object[key] = value;
  return object;
}
