/**
 * The fields of a path: what a client may send, how it is coerced (upstream's FieldSchema and FieldData), and how it
 * is documented. A field without default is undefined when not sent; with `default`, `required` or `always` it has a
 * value in any case. (`required` only documents and gives the type's zero value: upstream's framework enforces nothing.)
 */
import type { Micros } from '../runtime.ts';
import { SECOND } from '../runtime.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { asList, CoercionError, toBool, toCommaInts, toCommaStrings, toFloat, toInt } from './coerce.ts';
import { toListOf, toMap, toPairs, toText } from './coerce.ts';
import { toHeader } from './coerce-header.ts';
import { toMicros, toWallMicros } from './coerce-time.ts';

/** The type as help prints it. */
export type FieldKind =
  | 'string'
  | 'lowercase string'
  | 'name string'
  | 'int'
  | 'int64'
  | 'float'
  | 'bool'
  | 'map'
  | 'keypair'
  | 'slice'
  | 'duration (sec)'
  | 'time'
  | 'header';

export interface FieldOptions<T> {
  readonly default?: T;
  /** A default that is only documented: it is not what stands for what is not sent. Null: there is one, undocumented. */
  readonly documented?: JsonValue;
  readonly required?: boolean;
  /** As required in what is documented, and in nothing else. */
  readonly documentedRequired?: true;
  /** Has the type's zero value when it is not sent, which is not documented. */
  readonly always?: true;
  readonly deprecated?: boolean;
  /** Sent in the query string; documentation only. */
  readonly query?: boolean;
  /** Kept out of OpenAPI. */
  readonly unlisted?: true;
  readonly allowed?: readonly JsonValue[];
  /** Hints for user interfaces, copied into OpenAPI as they are. */
  readonly display?: JsonObject;
  /** Takes the deprecated flag's sentence away from or adds to OpenAPI: the item type of a slice. */
  readonly items?: 'string' | 'integer' | 'object';
}

export interface Field<T, Always extends boolean = boolean> {
  readonly kind: FieldKind;
  readonly about: string;
  readonly options: FieldOptions<T>;
  /** Undefined: as if not sent. Throws CoercionError. */
  readonly decode: (value: JsonValue, name: string) => T | undefined;
  /** The value when not sent. */
  readonly fallback: T | undefined;
  /** Only for the type system. */
  readonly always?: Always;
}

export type Fields = Readonly<Record<string, Field<never> | Field<unknown>>>;

type Make<T> = {
  (
    about: string,
    options: FieldOptions<T> & ({ readonly default: T } | { readonly required: true } | { readonly always: true }),
  ): Field<T, true>;
  (about: string, options?: FieldOptions<T>): Field<T, false>;
};

function maker<T>(
  kind: FieldKind,
  zero: T,
  decode: Field<T>['decode'],
  preset: (options: FieldOptions<T>) => FieldOptions<T> = () => ({}),
): Make<T> {
  return (about: string, options?: FieldOptions<T>): Field<T, never> => ({
    kind,
    about,
    options: { ...preset(options ?? {}), ...options },
    decode,
    // Frozen, because all requests share it.
    fallback: Object.freeze(
      options?.default ?? (options?.required === true || options?.always === true ? zero : undefined),
    ),
  });
}

const NAME = /^\w(([\w-.]+)?\w)?$/;

function toName(value: JsonValue): string {
  const text = toText(value);
  if (!NAME.test(text)) throw new CoercionError('field does not match the formatting rules');
  return text;
}

/** Whole seconds, as upstream cuts them. Null is as if not sent. */
function toSeconds(value: JsonValue): number | undefined {
  if (value === null) return undefined;
  const seconds = toSignedSeconds(value)!;
  if (seconds < 0) throw new CoercionError(`cannot provide negative value '${seconds}'`);
  return seconds;
}

function toSignedSeconds(value: JsonValue): number | undefined {
  if (value === null) return undefined;
  return Math.trunc(toMicros(value) / SECOND) + 0;
}

function toDuration(value: JsonValue): Micros | undefined {
  const seconds = toSeconds(value);
  return seconds === undefined ? undefined : seconds * SECOND;
}

const trimmedTexts = (value: JsonValue): string[] =>
  value === '' ? [] : toListOf(value, toText).map((text) => text.trim());

export const field = {
  string: maker<string>('string', '', (value) => toText(value)),
  lowerCase: maker<string>('lowercase string', '', (value) => toText(value).toLowerCase()),
  /** Letters, digits, '_', and inside also '-' and '.'. */
  name: maker<string>('name string', '', toName),
  bool: maker<boolean>('bool', false, (value) => toBool(value)),
  int: maker<number>('int', 0, (value) => toInt(value)),
  int64: maker<number>('int64', 0, (value) => toInt(value, '', 'int64')),
  float: maker<number>('float', 0, (value) => toFloat(value)),
  /** 30, "30", "1h", "2d": whole seconds, not negative. */
  seconds: maker<number>('duration (sec)', 0, toSeconds),
  /** The same, in micros. */
  duration: maker<Micros>('duration (sec)', 0, toDuration, ({ default: micros }) =>
    micros === undefined ? {} : { documented: micros / SECOND },
  ),
  signedSeconds: maker<number>('duration (sec)', 0, toSignedSeconds),
  /** Wall micros; RFC 3339 or Unix seconds. */
  time: maker<Micros>('time', 0, (value) => (value === null ? undefined : toWallMicros(value))),
  map: maker<JsonObject>('map', {}, (value) => toMap(value)),
  kvPairs: maker<Record<string, string>>('keypair', {}, toPairs),
  /** Anything in a list. */
  list: maker<readonly JsonValue[]>(
    'slice',
    [],
    (value) => asList(value),
    () => ({ items: 'object' }),
  ),
  /** A list of texts; a lone string is not split. */
  strings: maker<string[]>('slice', [], trimmedTexts, () => ({ items: 'string' })),
  /** A list of texts, or one text with commas. */
  commaStrings: maker<string[]>(
    'slice',
    [],
    (value) => toCommaStrings(value),
    () => ({ items: 'string' }),
  ),
  commaInts: maker<number[]>(
    'slice',
    [],
    (value) => toCommaInts(value),
    () => ({ items: 'integer' }),
  ),
  /** Lists of values by canonical header name. */
  header: maker<Record<string, string[]>>('header', {}, (value) => toHeader(value)),
};
