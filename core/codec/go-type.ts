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

export const goType = (value: JsonValue): string => NAMES[kindOf(value)];
