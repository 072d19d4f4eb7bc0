/** Answers taken from a real 2.7.2 server. */
import { describe, expect, test } from 'vitest';
import { parse } from '../codec/json.ts';
import type { Field } from './field.ts';
import { field } from './field.ts';

const decode = (one: Field<unknown>, json: string): unknown => {
  try {
    return one.decode(parse(json), 'x');
  } catch (error) {
    return (error as Error).message;
  }
};
const answers = (one: Field<unknown>, table: readonly (readonly [string, unknown])[]): void => {
  for (const [json, wanted] of table) expect(decode(one, json), json).toEqual(wanted);
};
const several = (...lines: string[]): string => `decoding failed due to the following error(s):\n\n${lines.join('\n')}`;

const nested = (type: string, value: string): string =>
  `1 error(s) decoding:\n\n* '[0]' expected type 'string', got unconvertible type '${type}', value: '${value}'`;
const badInt = (at: number): string => `'[${at}]' cannot parse value as 'int': strconv.ParseInt: invalid syntax`;

describe('fields are coerced as upstream coerces them', () => {
  test('bool', () => {
    const bad = "'' cannot parse value as 'bool': strconv.ParseBool: invalid syntax";
    answers(field.bool(''), [
      ['true', true],
      ['"1"', true],
      ['"T"', true],
      ['"f"', false],
      ['""', false],
      ['1', true],
      ['0', false],
      ['null', false],
      ['2', bad],
      ['1.5', bad],
      ['"yes"', bad],
      ['[]', "'' expected type 'bool', got unconvertible type '[]interface {}'"],
      ['{}', "'' expected type 'bool', got unconvertible type 'map[string]interface {}'"],
    ]);
  });

  test('int', () => {
    const bad = "'' cannot parse value as 'int': strconv.ParseInt: invalid syntax";
    const range = "'' cannot parse value as 'int': strconv.ParseInt: value out of range";
    answers(field.int(''), [
      ['1', 1],
      ['"1"', 1],
      ['"-5"', -5],
      ['""', 0],
      ['true', 1],
      ['null', 0],
      ['"0x10"', 16],
      ['"010"', 8],
      ['"1_0"', 10],
      ['1.5', bad],
      ['1e3', bad],
      ['" 1"', bad],
      ['99999999999999999999', range],
      ['"99999999999999999999"', range],
      ['[1]', "'' expected type 'int', got unconvertible type '[]interface {}'"],
    ]);
  });

  test('seconds', () => {
    answers(field.seconds(''), [
      ['1', 1],
      ['"1"', 1],
      ['"1h"', 3600],
      ['"1h30m"', 5400],
      ['"1.5h"', 5400],
      ['"2d"', 172800],
      ['""', 0],
      ['null', undefined],
      ['"1ms"', 0],
      ['"1500ms"', 1],
      ['1.5', 'time: missing unit in duration "1.5"'],
      ['"xd"', 'strconv.ParseInt: parsing "x": invalid syntax'],
      ['"x"', 'time: invalid duration "x"'],
      ['"h"', 'time: invalid duration "h"'],
      ['"ü"', String.raw`time: invalid duration "\xc3\xbc"`],
      ['"1\\nü"', String.raw`time: unknown unit "\x0a\xc3\xbc" in duration "1\x0a\xc3\xbc"`],
      ['9223372037', 'multiplication of durations resulted in overflow, one operand may be too large'],
      ['"-9223372037"', 'multiplication of durations resulted in overflow, one operand may be too large'],
      ['"106752d"', 'multiplication of durations resulted in overflow, one operand may be too large'],
      ['"."', 'time: invalid duration "."'],
      ['"1h-"', 'time: unknown unit "h-" in duration "1h-"'],
      ['1e3', 'time: unknown unit "e" in duration "1e3"'],
      ['99999999999999999999', 'time: invalid duration "99999999999999999999"'],
      ['"99999999999h"', 'time: invalid duration "99999999999h"'],
      ['true', 'could not parse duration from input'],
      ['[1]', 'could not parse duration from input'],
      ['-1', "cannot provide negative value '-1'"],
      ['"-1h"', "cannot provide negative value '-3600'"],
    ]);
    expect(decode(field.duration(''), '"1h"')).toBe(3_600_000_000);
    expect(decode(field.signedSeconds(''), '"-1h"')).toBe(-3600);
  });

  test('comma strings', () => {
    answers(field.commaStrings(''), [
      ['"a,b"', ['a', 'b']],
      ['" a , b "', ['a', 'b']],
      ['["a,b","c"]', ['a,b', 'c']],
      ['[1,2]', ['1', '2']],
      ['[1.50]', ['1.50']],
      ['[true]', ['1']],
      ['[null]', ['']],
      ['1.5', ['1.5']],
      ['true', ['1']],
      ['",a,"', ['', 'a', '']],
      ['null', []],
      ['""', []],
      ['{}', []],
      ['[[1]]', nested('[]interface {}', '[1]')],
      ['[{}]', nested('map[string]interface {}', 'map[]')],
      ['{"a":1}', nested('map[string]interface {}', 'map[a:1]')],
    ]);
  });

  test('string', () => {
    answers(field.string(''), [
      ['"a"', 'a'],
      ['1.50', '1.50'],
      ['true', '1'],
      ['false', '0'],
      ['null', ''],
      ['["a"]', "'' expected type 'string', got unconvertible type '[]interface {}'"],
    ]);
    expect(decode(field.name(''), '"a b"')).toBe('field does not match the formatting rules');
  });

  test('map', () => {
    answers(field.map(''), [
      ['{"cas":1}', { cas: 1 }],
      ['null', {}],
      ['[]', {}],
      ['[{"a":1},{"b":2}]', { a: 1, b: 2 }],
      ['"x"', "'' expected type 'map[string]interface {}', got unconvertible type 'string'"],
      ['1', "'' expected type 'map[string]interface {}', got unconvertible type 'json.Number'"],
      ['true', "'' expected type 'map[string]interface {}', got unconvertible type 'bool'"],
      ['[1]', "'[0]' expected type 'map[string]interface {}', got unconvertible type 'json.Number'"],
    ]);
  });

  test('comma ints', () => {
    answers(field.commaInts(''), [
      ['1', [1]],
      ['"1,2"', [1, 2]],
      ['["1","2"]', [1, 2]],
      ['""', []],
      ['null', []],
      ['{}', []],
      ['true', [1]],
      ['[null]', [0]],
      ['"1,"', [1, 0]],
      ['"1,x"', several(badInt(1))],
      ['" 1, 2"', several(badInt(0), badInt(1))],
      ['["1,2"]', several(badInt(0))],
      ['1.5', several(badInt(0))],
      ['[[1]]', several("'[0]' expected type 'int', got unconvertible type '[]interface {}'")],
    ]);
  });

  test('key-value pairs', () => {
    const notText = several("'[0]' expected type 'string', got unconvertible type 'map[string]interface {}'");
    const noPair = 'invalid key pair at index 0 in field "x"';
    answers(field.kvPairs(''), [
      ['{"a":1,"b":true,"c":null}', { a: '1', b: '1', c: '' }],
      ['"a=b"', { a: 'b' }],
      ['["a=b","c=d=e"]', { a: 'b', c: 'd=e' }],
      ['[{"a":"b"}]', { a: 'b' }],
      ['[]', {}],
      ['null', {}],
      ['{"a":[1]}', notText],
      ['["=b"]', noPair],
      ['1', noPair],
      ['""', noPair],
    ]);
  });

  test('float and time', () => {
    answers(field.float(''), [
      ['"1.5"', 1.5],
      ['true', 1],
      ['""', 0],
      ['"x"', "'' cannot parse value as 'float64': strconv.ParseFloat: invalid syntax"],
      ['"1_0.5_0e1"', 105],
      ['"1__0"', "'' cannot parse value as 'float64': strconv.ParseFloat: invalid syntax"],
      ['"-inf"', -Infinity],
      ['[]', "'' expected type 'float64', got unconvertible type '[]interface {}'"],
    ]);
    answers(field.time(''), [
      ['"2027-01-01T00:00:00.5+02:00"', 1_798_754_400_500_000],
      ['"1900000000"', 1_900_000_000_000_000],
      ['1', 1_000_000],
      ['null', undefined],
      ['""', 'could not parse string as date and time'],
      ['"2027-01-01"', 'could not parse string as date and time'],
      ['1.5', 'strconv.ParseInt: parsing "1.5": invalid syntax'],
      ['true', 'could not parse time from input type'],
    ]);
  });

  test('header', () => {
    answers(field.header(''), [
      ['{"content-type":"a","x":["b","c"]}', { 'Content-Type': ['a'], X: ['b', 'c'] }],
      ['["a:b","a:c"]', { A: ['b', 'c'] }],
      ['"{\\"a\\":\\"b\\"}"', { A: ['b'] }],
      ['"eyJhIjoiYiJ9"', { A: ['b'] }],
    ]);
  });
});
