/** What JSON is made of here. */

/** A number whose literal JavaScript would not print back unchanged: 1.50, 1e3, 12345678901234567890. */
export class JsonNumber {
  readonly literal: string;
  constructor(literal: string) {
    this.literal = literal;
  }
}

/** Objects have a null prototype and no order of their own: they print with sorted keys. Maps print in their own order. */
export type JsonObject = { [key: string]: JsonValue };
export type JsonValue =
  | null
  | boolean
  | string
  | number
  | JsonNumber
  | readonly JsonValue[]
  | ReadonlyMap<string, JsonValue>
  | { [key: string]: JsonValue };

export class JsonError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonError';
  }
}

/** A plain object: no list, Map or number. */
export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Map) &&
  !(value instanceof JsonNumber);

/** Go's word for a value's kind in its unmarshal errors. */
export function kindOf(value: JsonValue): 'null' | 'bool' | 'string' | 'number' | 'array' | 'object' {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number' || value instanceof JsonNumber) return 'number';
  return Array.isArray(value) ? 'array' : 'object';
}

/** A fresh object for JSON: nothing inherited, so that a client's `__proto__` is a key like any other. */
export const emptyObject = (): JsonObject => Object.create(null) as JsonObject;

/** A copy of `fields` without a prototype. Undefined fields are left out. */
export function jsonObject(fields: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const object = emptyObject();
  for (const key of Object.keys(fields)) if (fields[key] !== undefined) object[key] = fields[key];
  return object;
}
