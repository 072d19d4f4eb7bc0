/** What Go prints for the type of a decoded JSON value. */
import { kindOf, type JsonValue } from '../../../codec/json.ts';

const NAMES = {
  null: '<nil>',
  bool: 'bool',
  string: 'string',
  number: 'float64',
  array: '[]interface {}',
  object: 'map[string]interface {}',
} as const;

export const goType = (value: JsonValue): string => NAMES[kindOf(value)];
