/** Types that a workflow's input may have, by upstream's names for them. */
import { field } from '../../framework/field.ts';
import type { Field } from '../../framework/field.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import type { JsonValue } from '../../codec/json.ts';
import { emptyObject } from '../../codec/json.ts';

interface InputType {
  readonly field: Field<unknown>;
  readonly zero: JsonValue;
  /** From what the field gives to what JSON has. */
  readonly shown?: (value: unknown) => JsonValue;
}

const made = (make: (about: string) => unknown, zero: JsonValue, shown?: InputType['shown']): InputType => ({
  field: make('') as Field<unknown>,
  zero,
  ...(shown !== undefined && { shown }),
});

export const inputTypes: Readonly<Record<string, InputType>> = {
  string: made(field.string, ''),
  lower_case_string: made(field.lowerCase, ''),
  name_string: made(field.name, ''),
  int: made(field.int, 0),
  int64: made(field.int64, 0),
  float: made(field.float, 0),
  bool: made(field.bool, false),
  map: made(field.map, emptyObject()),
  kv_pairs: made(field.kvPairs, emptyObject()),
  slice: made(field.list, []),
  string_slice: made(field.strings, []),
  comma_string_slice: made(field.commaStrings, []),
  comma_int_slice: made(field.commaInts, []),
  duration_second: made(field.seconds, 0),
  signed_duration_second: made(field.signedSeconds, 0),
  header: made(field.header, emptyObject()),
  time: made(field.time, '0001-01-01T00:00:00Z', (value) => formatRfc3339(value as number)),
};
