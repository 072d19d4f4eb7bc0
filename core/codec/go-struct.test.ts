import { describe, expect, test } from 'vitest';
import { decodeStruct, parseStruct } from './go-struct.ts';

const FIELDS = { name: 'string', on: 'bool', count: 'int', port: 'uint', list: '[]string' } as const;
const read = (text: string) => parseStruct(text, FIELDS, 'x.Y');

describe('a Go struct', () => {
  test('is zero where nothing is said, and passes over what it has no field for', () => {
    const zero = { name: '', on: false, count: 0, port: 0, list: [] };
    expect(read('null')).toEqual(zero);
    expect(read('{"other":1e400,"port":null,"list":null}')).toEqual(zero);
  });

  test('takes the last of a name in any case, and null for nothing new', () => {
    expect(read('{"Name":"a","NAME":"b","name":null}').name).toBe('b');
    expect(read('{"li\u017ft":["a",null],"count":-9}')).toMatchObject({ list: ['a', ''], count: -9 });
    expect(read('{"list":["a"],"LIST":null}').list).toEqual([]);
  });

  test.each([
    ['{"ON":1,"name":5}', 'number into Go struct field .ON of type bool'],
    ['{"name":5,"ON":1}', 'number into Go struct field .name of type string'],
    ['{"port":-1}', 'number -1 into Go struct field .port of type uint'],
    ['{"port":18446744073709551616}', 'number 18446744073709551616 into Go struct field .port of type uint'],
    ['{"count":1.5}', 'number 1.5 into Go struct field .count of type int'],
    ['{"list":["a",{}]}', 'object into .list.1 of type string'],
    ['{"list":"a"}', 'string into Go struct field .list of type []string'],
    ['[]', 'array into Go value of type x.Y'],
  ])('%s does not fit', (text, message) => {
    expect(() => read(text)).toThrow(`json: cannot unmarshal ${message}`);
  });

  test('inside of another is told with its place', () => {
    expect(() => decodeStruct({ name: true }, FIELDS, '.0')).toThrow('Go struct field .0.name of type string');
  });
});
