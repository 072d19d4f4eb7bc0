import { fc, it as prop } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { print, type JsonValue } from './json.ts';
import { parseYaml, YamlError } from './yaml.ts';

describe('YAML', () => {
  it.each([
    ['', 'null'],
    ['# nothing\n---\n', 'null'],
    ['a: 1\nb: "x\\ty" # why\nc: it\'s\nd: ~\n', '{"a":1,"b":"x\\ty","c":"it\'s","d":null}'],
    [
      'rules:\n- verbs: [get, "list"]\n  resources:\n  - pods\n- verbs: ["*"]\n',
      '{"rules":[{"resources":["pods"],"verbs":["get","list"]},{"verbs":["*"]}]}',
    ],
    [
      'a:\n  b:\n    - 1\n    - - x\n      - y\n  c: {d: e, f: [true, no]}\n',
      '{"a":{"b":[1,["x","y"]],"c":{"d":"e","f":[true,"no"]}}}',
    ],
    ['a: [\n  b,\n  c\n]\n', '{"a":["b","c"]}'],
    ["'k: 1': 'it''s'\nhttp://x: y\n", '{"http://x":"y","k: 1":"it\'s"}'],
    ['-\n  a: b\n-\n', '[{"a":"b"},null]'],
  ])('reads %j', (text, json) => {
    expect(print(parseYaml(text))).toBe(json);
  });

  it.each([
    'a: b: c',
    'a:\n\t- b',
    'a: &x b',
    'a: |\n  b',
    'a: "b',
    "a: 'b",
    'a: [b',
    'a: {b: c',
    'a: 1\n  b: 2',
    '- a\nb: c',
  ])('refuses %j', (text) => expect(() => parseYaml(text)).toThrow(YamlError));

  const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string({ maxLength: 8 }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.string({ maxLength: 5 }), tie('value'), { maxKeys: 3 }),
    ),
  })).value;

  prop.prop([json])('reads JSON as what it is', (value) => {
    const text = print(value);
    expect(print(parseYaml(text))).toBe(text);
  });

  prop.prop([fc.string({ unit: fc.constantFrom(...Array.from('a:-[]{}, \n"\'#&|1')) })], { numRuns: 500 })(
    'refuses what it does not understand, and nothing else happens',
    (text) => {
      try {
        parseYaml(text);
      } catch (error) {
        expect(error).toBeInstanceOf(YamlError);
      }
    },
  );
});
