/**
 * Values of CEL: null, bool, int (bigint), uint, double (number), string, bytes, lists, maps, timestamps, durations,
 * types, optionals and messages.
 */
import { compareBytes } from '../codec/bytes.ts';
import { JsonNumber } from '../codec/json.ts';
import type { JsonValue } from '../codec/json.ts';
import { CelError } from './error.ts';

export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** A point in time; nanoseconds since 1970. */
export class Timestamp {
  readonly nanos: bigint;
  /** Minutes east of Greenwich, in which it was written and is shown. */
  readonly offset: number;
  constructor(nanos: bigint, offset = 0) {
    this.nanos = nanos;
    this.offset = offset;
  }
}

export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class TypeValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export class Optional {
  readonly value: CelValue | undefined;
  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

/** `native` is what it was made of when it came from outside: Go shows such values whole. */
export class List {
  readonly items: readonly CelValue[];
  readonly native: JsonValue | undefined;
  constructor(items: readonly CelValue[], native?: JsonValue) {
    this.items = items;
    this.native = native;
  }
}

type MapKey = bigint | boolean | string | number;

/** Numbers of all kinds that are equal are one key. */
const keyOf = (key: CelValue): MapKey | undefined => {
  if (key instanceof Uint) return key.value;
  if (typeof key === 'number') return Number.isInteger(key) ? BigInt(key) : key;
  return typeof key === 'bigint' || typeof key === 'string' || typeof key === 'boolean' ? key : undefined;
};

const isSameKey = (one: CelValue, other: CelValue): boolean =>
  (one === null || one instanceof Timestamp || one instanceof Duration || one instanceof TypeValue) &&
  equal(one, other);

export class CelMap {
  readonly #entries = new Map<MapKey, readonly [CelValue, CelValue]>();
  /** Of keys that CEL has no use for, but Go: what lies behind a pointer is like nothing else. */
  readonly #odd: (readonly [CelValue, CelValue])[] = [];
  readonly native: JsonValue | undefined;

  constructor(entries: Iterable<readonly [CelValue, CelValue]>, native?: JsonValue) {
    for (const [key, value] of entries) {
      const known = keyOf(key);
      if (known !== undefined) this.#entries.set(known, [key, value]);
      else if (key instanceof Uint8Array) {
        throw new CelError('internal error: runtime error: hash of unhashable type types.Bytes');
      } else {
        const before = this.#odd.findIndex(([one]) => isSameKey(one, key));
        this.#odd.splice(before < 0 ? this.#odd.length : before, before < 0 ? 0 : 1, [key, value]);
      }
    }
    this.native = native;
  }

  get(key: CelValue): CelValue | undefined {
    const known = keyOf(key);
    if (known === undefined) return this.#odd.find(([one]) => isSameKey(one, key))?.[1];
    return this.#entries.get(known)?.[1];
  }

  get size(): number {
    return this.#entries.size + this.#odd.length;
  }

  entries(): readonly (readonly [CelValue, CelValue])[] {
    return [...this.#entries.values(), ...this.#odd];
  }
}

/** A message of a registered type. Fields that were not set are absent. */
export class Message {
  readonly type: string;
  readonly fields: ReadonlyMap<string, CelValue>;
  constructor(type: string, fields: ReadonlyMap<string, CelValue>) {
    this.type = type;
    this.fields = fields;
  }
}

export type CelValue =
  | null
  | boolean
  | bigint
  | Uint
  | number
  | string
  | Uint8Array
  | List
  | CelMap
  | Timestamp
  | Duration
  | TypeValue
  | Optional
  | Message;

/** What `type(x)` prints as. */
export function typeName(value: CelValue): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
  }
  if (value === null) return 'null_type';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof List) return 'list';
  if (value instanceof CelMap) return 'map';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof TypeValue) return 'type';
  return value instanceof Optional ? 'optional_type' : value.type;
}

/** A key in an error. */
export const keyText = (key: CelValue): string =>
  key instanceof Uint ? String(key.value) : typeof key === 'object' ? typeName(key) : String(key);

/** bigint or number of a number of any kind. */
const numberOf = (value: CelValue): bigint | number | undefined =>
  value instanceof Uint ? value.value : typeof value === 'bigint' || typeof value === 'number' ? value : undefined;

/** Of numbers of any kinds: below, at or above 0, NaN where either is none; undefined where one is no number. */
export function compareNumbers(a: CelValue, b: CelValue): number | undefined {
  const [one, other] = [numberOf(a), numberOf(b)];
  if (one === undefined || other === undefined) return undefined;
  if (Number.isNaN(one) || Number.isNaN(other)) return NaN;
  return one < other ? -1 : one > other ? 1 : 0;
}

export function equal(a: CelValue, b: CelValue): boolean {
  const [one, other] = [numberOf(a), numberOf(b)];
  // oxlint-disable-next-line eqeqeq -- integers and doubles of the same value are equal in CEL
  if (one !== undefined && other !== undefined) return one == other;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b) === 0;
  if (a instanceof List && b instanceof List) {
    return a.items.length === b.items.length && a.items.every((item, i) => equal(item, b.items[i]!));
  }
  if (a instanceof CelMap && b instanceof CelMap) {
    return a.size === b.size && a.entries().every(([key, value]) => sameOr(b.get(key), value));
  }
  if (a instanceof Timestamp && b instanceof Timestamp) return a.nanos === b.nanos;
  if (a instanceof Duration && b instanceof Duration) return a.nanos === b.nanos;
  if (a instanceof TypeValue && b instanceof TypeValue) return a.name === b.name;
  if (a instanceof Optional && b instanceof Optional) {
    return a.value === undefined || b.value === undefined ? a.value === b.value : equal(a.value, b.value);
  }
  if (a instanceof Message && b instanceof Message) {
    const fields = [...a.fields];
    return (
      a.type === b.type && fields.length === b.fields.size && fields.every(([name, v]) => sameOr(b.fields.get(name), v))
    );
  }
  return a === b;
}

const sameOr = (a: CelValue | undefined, b: CelValue): boolean => a !== undefined && equal(a, b);

/** From outside. `integers`: numbers without fraction are ints, else all are doubles, as after Go's json.Unmarshal. */
export function fromJson(value: JsonValue, integers = true): CelValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number' || value instanceof JsonNumber) {
    const literal = typeof value === 'number' ? String(value) : value.literal;
    return integers && /^-?\d{1,18}$/.test(literal) ? BigInt(literal) : Number(literal);
  }
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    return new List(
      items.map((item) => fromJson(item, integers)),
      items,
    );
  }
  const entries = value instanceof Map ? [...(value as ReadonlyMap<string, JsonValue>)] : Object.entries(value);
  return new CelMap(
    entries.map(([key, item]) => [key, fromJson(item as JsonValue, integers)] as const),
    value,
  );
}
