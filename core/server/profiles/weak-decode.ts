/** mapstructure.WeakDecode: values become what is wanted as far as that makes sense; the texts are its own. */
import { JsonNumber, isObject } from '../../codec/json.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { CoercionError, goType, toBool, toInt, toText } from '../../framework/coerce.ts';

export class WeakDecodeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WeakDecodeError';
  }
}

/** Go's name of a value's type once it was decoded from HCL or computed. */
function typeOf(value: JsonValue): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  if (value instanceof JsonNumber) return 'int';
  return goType(value);
}

const refuse = (value: JsonValue, wanted: string, type = typeOf(value)): WeakDecodeError =>
  new WeakDecodeError(`'' expected type '${wanted}', got unconvertible type '${type}'`);

function asError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof CoercionError ? new WeakDecodeError(error.message) : error;
  }
}

/** `type` is what Go calls the kind of text that is wanted. */
export function weakText(value: JsonValue, type = 'string'): string {
  if (value === null) return '';
  if (typeof value === 'object' && !(value instanceof JsonNumber)) throw refuse(value, type);
  return asError(() => toText(value));
}

export function weakBool(value: JsonValue): boolean {
  return value === null ? false : asError(() => toBool(value));
}

export function weakInt(value: JsonValue): number {
  if (value === null) return 0;
  if (typeof value === 'number') return Math.trunc(value);
  return asError(() => toInt(value));
}

export function weakFloat(value: JsonValue): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number =
    typeof value === 'string' && value.trim() === value
      ? Number(value)
      : typeof value === 'number'
        ? value
        : Number.NaN;
  if (Number.isNaN(number)) throw refuse(value, 'float64');
  return number;
}

/** `computed`: whole numbers are CEL's, which Go calls int64. */
export function weakMap(value: JsonValue, computed = false): JsonObject | undefined {
  if (value === null) return undefined;
  if (isObject(value)) return value;
  if (Array.isArray(value) && (value as readonly JsonValue[]).every(isObject)) {
    return Object.assign({}, ...(value as readonly JsonObject[])) as JsonObject;
  }
  const type = computed && typeOf(value) === 'int' ? 'int64' : typeOf(value);
  throw refuse(value, 'map[string]interface {}', type);
}

export function weakTexts(value: JsonValue): string[] {
  if (value === null) return [];
  return Array.isArray(value) ? (value as readonly JsonValue[]).map((item) => weakText(item)) : [weakText(value)];
}

/** Lists of texts by name, as headers are. */
export function weakHeaders(value: JsonValue): ReadonlyMap<string, readonly string[]> {
  if (value === null) return new Map();
  if (!isObject(value)) throw refuse(value, 'map[string][]string');
  return new Map(Object.entries(value).map(([name, texts]) => [name, weakTexts(texts)]));
}
