import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { JsonError, JsonNumber, parse, print } from './json.ts';
import type { JsonValue } from './json.ts';
import { JsonReader } from './json-reader.ts';
import { encodeUtf8 } from './utf8.ts';

const plain = (value: JsonValue): unknown => JSON.parse(print(value));
const unseen = { text: () => undefined, scalar: () => undefined, open: () => undefined };
const stream = (text: string): JsonValue => new JsonReader(text, 'stream', unseen).value();

describe('reading JSON', () => {
  test.prop([fc.json()])('agrees with JSON.parse on every document', (text) => {
    expect(plain(parse(text))).toEqual(JSON.parse(text));
    expect(plain(parse(encodeUtf8(text)))).toEqual(JSON.parse(text));
  });

  test.prop([fc.string({ unit: 'binary' })])('refuses exactly what JSON.parse refuses', (text) => {
    let good = true;
    try {
      JSON.parse(text);
    } catch {
      good = false;
    }
    if (good) expect(() => parse(text)).not.toThrow();
    else expect(() => parse(text)).toThrow();
  });

  test.prop([fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0123-+.eEtrufalsn \n'.split('')) })])(
    'refuses exactly what JSON.parse refuses, among almost-JSON',
    (text) => {
      let expected: unknown;
      try {
        expected = JSON.parse(text);
      } catch {
        expect(() => parse(text)).toThrow();
        return;
      }
      if (/[0-9]{3}/.test(text)) return; // overflowing numbers are refused here and Infinity there
      expect(plain(parse(text))).toEqual(expected);
    },
  );

  test('what is as deep as may be read can be printed', () => {
    const depth = 10_000;
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":[1,', ']}'],
    ] as const) {
      const times = open.length > 1 ? depth / 2 : depth;
      const text = `${open.repeat(times - 1)}${open === '[' ? '[]' : '{"b":null,"c":[]}'}${close.repeat(times - 1)}`;
      expect(print(parse(text))).toBe(text);
    }
  });

  test('number literals survive', () => {
    const literals = '[12345678901234567890,1.50,1e3,-0,-0.0,1E300,1e-7,1E+2,9007199254740993]';
    expect(print(parse(literals))).toBe(literals);
    expect(parse('1.50')).toBeInstanceOf(JsonNumber);
    expect(parse('[0,1,-7,2.5,9007199254740991]')).toEqual([0, 1, -7, 2.5, 9007199254740991]);
  });

  test('keys are nothing but data', () => {
    const value = parse('{"__proto__":{"x":1},"10":1,"9":2,"constructor":3,"a":1,"a":2}');
    expect(print(value)).toBe('{"10":1,"9":2,"__proto__":{"x":1},"a":2,"constructor":3}');
    expect((value as Record<string, unknown>)['toString']).toBeUndefined();
  });

  test('invalid bytes and lone surrogates become the replacement character, one each', () => {
    expect(parse(Uint8Array.from([0x22, 0xff, 0xe2, 0x82, 0x22]))).toBe('\ufffd\ufffd\ufffd');
    expect(parse('"\\ud800x\\ud83d\\ude00"')).toBe('\ufffdx\u{1f600}');
  });

  test('nesting may be as deep as upstream allows', () => {
    expect(() => parse('['.repeat(10_000) + ']'.repeat(10_000))).not.toThrow();
    expect(() => parse('['.repeat(10_001))).toThrow('exceeded max depth');
  });

  test('a byte that is part of no character is named, and a U+FFFD that was sent is one', () => {
    const bytes = (text: string): Uint8Array => Uint8Array.from(text, (unit) => unit.charCodeAt(0));
    const emoji = '\xf0\x9f\x98\x80';
    expect(() => parse(bytes(`["${emoji}\xff",\xfe]`))).toThrow(String.raw`invalid character '\xfe' looking`);
    expect(() => parse(bytes('\xef\xbf\xbd'))).toThrow("invalid character '\ufffd' looking");
  });

  // Answers of a 2.7.2 server, without its prefix.
  test.each([
    ['bad', "invalid character 'b' looking for beginning of value"],
    ['{bad}', "invalid character 'b' looking for beginning of value"],
    ['{"a":1', 'unexpected EOF'],
    ['', 'unexpected EOF'],
    ['nul', 'unexpected EOF'],
    ['-', 'unexpected EOF'],
    ['"\\u12', 'unexpected EOF'],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['nULL', "invalid character 'U' in literal null (expecting 'u')"],
    ['{nul:1}', "invalid character ':' in literal null (expecting 'l')"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1,}', "invalid character ',' looking for beginning of value"],
    ['[1,]', "invalid character ',' looking for beginning of value"],
    ['[1,,2]', "invalid character ',' looking for beginning of value"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ['{"a":1.}', "invalid character '}' in numeric literal"],
    ['{-:1}', "invalid character ':' in numeric literal"],
    ['"\\x"', 'invalid escape sequence `\\x` in string'],
    ['"\\u12g4"', 'invalid escape sequence `\\u12g4` in string'],
    ['"\\u123\n"', 'invalid escape sequence "\\\\u123\\n" in string'],
    ['"\u0001"', "invalid character '\\x01' in string"],
    ['"a\nb"', "invalid character '\\n' in string"],
    ['[1 2]', "invalid character '2' after array element"],
    ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
    ['{1:2}', 'object member name must be a string'],
    ['{[]:1}', 'object member name must be a string'],
    ['\ufeff{}', "invalid character '\\ufeff' looking for beginning of value"],
    ['{"a":\u00a0 1}', "invalid character '\\u00a0' looking for beginning of value"],
    ['\u{1f600}', "invalid character '\u{1f600}' looking for beginning of value"],
    ["'", "invalid character '\\'' looking for beginning of value"],
    ['{"a":1e400}', 'json: cannot unmarshal number 1e400 into Go value of type float64'],
    ['{]', "invalid character ']' looking for beginning of value"],
    ['[}', "invalid character '}' looking for beginning of value"],
  ])('%j is refused in upstream’s words', (text, message) => {
    expect(() => stream(text)).toThrow(JsonError);
    expect(() => stream(text)).toThrow(message);
  });

  test.each([
    ['{"a":1e400}', 'number 1e400 into Go struct field .a of type float64'],
    ['{"a.b":{"c":[1,1e400,1e401]}}', 'number 1e400 into .a.b.c.1 of type float64'],
    ['1e400', 'number 1e400 into Go value of type float64'],
    ['[1e400 2]', "invalid character '2' after array element"],
  ])('%j as a whole is told of where its number is too large', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  test('a whole document has other words for a missing end and for what follows', () => {
    expect(() => parse('{')).toThrow('unexpected end of JSON input');
    expect(() => parse('{}x')).toThrow("invalid character 'x' after top-level value");
  });

  test.each([
    ['{bad}', 'b'],
    ['{"a":1,}', '}'],
    ['{1:2}', '1'],
    ['{[]:1}', '['],
    ['{]', ']'],
  ])('what is not read token by token, as %j, lacks an object key string', (text, character) => {
    const message = `invalid character '${character}' looking for beginning of object key string`;
    expect(() => parse(text)).toThrow(message);
    expect(() => new JsonReader(text, 'stream').value()).toThrow(message);
  });

  test('after a comma of a list it is what follows that is blamed', () => {
    expect(() => parse('[1,]')).toThrow("invalid character ']' looking for beginning of value");
  });
});

describe('printing JSON', () => {
  test.prop([fc.jsonValue({ stringUnit: 'binary' })])('comes back when read', (value) => {
    const text = print(value as JsonValue);
    expect(print(parse(text))).toBe(text);
    // JavaScript prints -0 as 0, Go does not: both sides go through its printer.
    expect(JSON.parse(JSON.stringify(JSON.parse(text)))).toEqual(JSON.parse(JSON.stringify(value)));
  });

  test('keys come in byte order, a Map in its own', () => {
    expect(print({ b: 1, a: 2, '\u{1f600}': 3, '\ufb00': 4, B: 5 })).toBe(
      '{"B":5,"a":2,"b":1,"\ufb00":4,"\u{1f600}":3}',
    );
    expect(
      print(
        new Map<string, JsonValue>([
          ['b', 1],
          ['a', [true, null]],
        ]),
      ),
    ).toBe('{"b":1,"a":[true,null]}');
  });

  test('characters are escaped as Go does', () => {
    expect(print('<>&\u2028\u2029\u007f\u0001\b\f\n\r\t"\\/\ud800é')).toBe(
      '"\\u003c\\u003e\\u0026\\u2028\\u2029\u007f\\u0001\\b\\f\\n\\r\\t\\"\\\\/\\ufffdé"',
    );
  });

  test('floats look as in Go', () => {
    expect(print([1e21, 1e20, 1e-6, 1e-7, 123456789.5, -0])).toBe(
      '[1e+21,100000000000000000000,0.000001,1e-7,123456789.5,-0]',
    );
  });
});
