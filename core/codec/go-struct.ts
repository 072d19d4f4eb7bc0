/** JSON decoded into a Go struct: names without regard to case, the last of several wins, null changes nothing. */
import { JsonReader } from './json-reader.ts';
import { JsonError, JsonNumber, isObject, kindOf, print } from './json.ts';
import type { JsonObject, JsonValue } from './json.ts';

interface Kinds {
  readonly string: string;
  readonly bool: boolean;
  /** 64 bits; beyond 53 of them it is not exact. */
  readonly int: number;
  readonly uint: number;
  readonly '[]string': readonly string[];
}

export type StructFields = Readonly<Record<string, keyof Kinds>>;
/** What was not there is zero, empty or false. */
export type Decoded<F extends StructFields> = { readonly [K in keyof F]: Kinds[F[K]] };

const ZERO: { readonly [K in keyof Kinds]: Kinds[K] } = { string: '', bool: false, int: 0, uint: 0, '[]string': [] };
const RANGE = { int: [-(1n << 63n), (1n << 63n) - 1n], uint: [0n, (1n << 64n) - 1n] } as const;

/** A whole text; `type` is Go's for what is no object. Throws JsonError. */
export function parseStruct<const F extends StructFields>(
  input: string | Uint8Array,
  fields: F,
  type: string,
  place = '',
): Decoded<F> {
  const value = new JsonReader(input, 'whole', undefined, 'any').whole();
  if (value === null || isObject(value)) return decodeStruct(value ?? {}, fields, place);
  return misfit(kindOf(value), 'Go value', type);
}

/**
 * `place` is what Go says before a field's name, e.g. 'UnsealRequest' or '.0'. Throws JsonError for the first value of
 * another type.
 */
export function decodeStruct<const F extends StructFields>(object: JsonObject, fields: F, place: string): Decoded<F> {
  const names = new Map(Object.keys(fields).map((name) => [foldName(name), name]));
  const found: Record<string, Kinds[keyof Kinds]> = {};
  for (const [name, type] of Object.entries(fields)) found[name] = ZERO[type];
  for (const [key, value] of Object.entries(object)) {
    const name = names.get(foldName(key));
    if (name === undefined) continue;
    const type = fields[name]!;
    if (value !== null) found[name] = decoded(value, type, `${place}.${key}`);
    else if (type === '[]string') found[name] = [];
  }
  return found as Decoded<F>;
}

function decoded(value: JsonValue, type: keyof Kinds, place: string): Kinds[keyof Kinds] {
  const field = `Go struct field ${place}`;
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : misfit(kindOf(value), field, type);
    case 'bool':
      return typeof value === 'boolean' ? value : misfit(kindOf(value), field, type);
    case 'int':
    case 'uint': {
      if (typeof value !== 'number' && !(value instanceof JsonNumber)) return misfit(kindOf(value), field, type);
      const literal = print(value);
      const [least, most] = RANGE[type];
      const whole = /^-?[0-9]+$/.test(literal) ? BigInt(literal) : undefined;
      return whole !== undefined && whole >= least && whole <= most
        ? Number(whole)
        : misfit(`number ${literal}`, field, type);
    }
    case '[]string': {
      if (!Array.isArray(value)) return misfit(kindOf(value), field, type);
      return (value as readonly JsonValue[]).map((item, index) =>
        typeof item === 'string' ? item : item === null ? '' : misfit(kindOf(item), `${place}.${index}`, 'string'),
      );
    }
  }
}

function misfit(what: string, place: string, type: string): never {
  throw new JsonError(`json: cannot unmarshal ${what} into ${place} of type ${type}`);
}

/** What Go compares names by: upper and lower case are the same, and so are the two letters that fold to ASCII ones. */
export const foldName = (name: string): string => name.toLowerCase().replaceAll('\u017f', 's');
