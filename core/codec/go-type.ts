/** What Go prints for the type of a decoded JSON value. */
import { kindOf } from './json-value.ts';
import type { JsonValue } from './json-value.ts';

const NAMES = {
  null: '<nil>',
  bool: 'bool',
  string: 'string',
  number: 'float64',
  array: '[]interface {}',
  object: 'map[string]interface {}',
} as const;

/** A list of nothing but texts, as a query has where a parameter comes several times; Go tells it from JSON's lists. */
export class TextList extends Array<string> {}

export const goType = (value: JsonValue): string => (value instanceof TextList ? '[]string' : NAMES[kindOf(value)]);
