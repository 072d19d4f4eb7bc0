import { describe, expect, test } from 'vitest';
import { parseHcl } from './hcl.ts';
import type { HclObject, HclValue } from './hcl.ts';

/** Items as nested plain data: [keys…, value]. */
const plain = (value: HclValue): unknown => {
  if (value.kind === 'literal') return value.value;
  if (value.kind === 'list') return value.items.map(plain);
  return value.items.map((item) => [...item.keys.map((key) => key.text), plain(item.value)]);
};
const read = (text: string): unknown => plain(parseHcl(text));
const first = (object: HclObject) => object.items[0]!;

describe('HCL', () => {
  test('blocks with labels, assignments, lists and comments', () => {
    expect(
      read(
        '# a\npath "secret/*" { // b\n capabilities = ["read", "list",]\n /* c */ x = 1, y = -2.5 }\nz { on = true }',
      ),
    ).toEqual([
      [
        'path',
        'secret/*',
        [
          ['capabilities', ['read', 'list']],
          ['x', 1],
          ['y', -2.5],
        ],
      ],
      ['z', [['on', true]]],
    ]);
  });

  test('numbers in every base', () => {
    expect(read('a = [0x1F, 017, 1e3, .5, 12]')).toEqual([['a', [31, 15, 1000, 0.5, 12]]]);
  });

  test('strings with escapes, and interpolations left alone', () => {
    expect(read('a = "\\n\\t\\"\\\\\\u00e9\\x41\\101"')).toEqual([['a', '\n\t"\\éAA']]);
    expect(read('a = "x${f("\\n")}y"')).toEqual([['a', 'x${f("\\n")}y']]);
  });

  test('heredocs, also indented ones', () => {
    expect(read('a = <<EOF\n one\n  two\nEOF\nb = 1')).toEqual([
      ['a', ' one\n  two\n'],
      ['b', 1],
    ]);
    expect(read('a = <<-EOF\n  one\n    two\n  EOF\n')).toEqual([['a', 'one\n  two\n']]);
    expect(read('a = <<EOF\nanEOF\nEOF\n')).toEqual([['a', 'anEOF\n']]);
  });

  test('the JSON form reads like the other one', () => {
    const json = '{"path":{"a":{"capabilities":["read"]},"b":{"policy":"write"}},"list":[{"x":{"y":1}},{"z":2}]}';
    expect(read(json)).toEqual([
      ['path', 'a', [['capabilities', ['read']]]],
      ['path', 'b', [['policy', 'write']]],
      ['list', 'x', [['y', 1]]],
      ['list', [['z', 2]]],
    ]);
  });

  test('everything knows its place', () => {
    const item = first(parseHcl('\n  path "x" {\n    a = 1\n  }'));
    expect(item.keys.map((key) => key.position)).toEqual([
      { line: 2, column: 3 },
      { line: 2, column: 8 },
    ]);
    expect(item.assigned).toBeUndefined();
    expect(first(item.value as HclObject).assigned).toEqual({ line: 3, column: 7 });
  });

  // Answers of a 2.7.2 server to policies, without its prefix.
  test.each([
    ['path "x" {', 'At 1:12: object expected closing RBRACE got: EOF'],
    ['path "x" { capabilities = ["read" }', 'At 1:35: error parsing list, expected comma or list end, got: RBRACE'],
    [
      'path "x" capabilities',
      `At 1:23: key 'path "x" capabilities' expected start of object ('{') or assignment ('=')`,
    ],
    ['path "x" = {', 'At 1:10: nested object expected: LBRACE got: ASSIGN'],
    ['x = y', 'At 1:5: Unknown token: 1:5 IDENT y'],
    ['= 1', 'At 1:1: no object keys found!'],
    ['}', 'At 1:1: expected: IDENT | STRING | ASSIGN | LBRACE got: RBRACE'],
    ['path "x" { a = <<EOF\nfoo\n', 'At 3:1: heredoc not terminated'],
    ['/* unterminated', 'At 1:16: comment not terminated'],
    ['path "x" { a = "new\nline" }', 'At 2:8: literal not terminated'],
    ['path "x" { a = 0xzz }', 'At 1:18: illegal hexadecimal number'],
    ['path "x" { a = "\\q" }', 'At 1:18: illegal char escape'],
    ['path "x" { a = "\\u12" }', 'At 1:21: illegal char escape'],
    ['x = "a\\u"', 'At 1:10: literal not terminated'],
    ['x = "\\0"', 'At 1:8: illegal char escape'],
    ['path "a" {<<EOF\n<<EOF\n', 'At 3:1: heredoc not terminated'],
    ['a = <<\nx\n', 'At 1:7: zero-length heredoc anchor'],
    ['x = <<-\n', 'At 1:8: zero-length heredoc anchor'],
    ['a = <<EOF x\nEOF\n', 'At 1:10: invalid characters in heredoc anchor'],
    ['a = {\n', 'At 2:2: object expected closing RBRACE got: EOF'],
    ['a = { b = 1', 'At 1:15: object expected closing RBRACE got: EOF'],
    ['a = ["x",', 'At 1:10: unexpected token while parsing list: EOF'],
    ['a { { } }', 'At 1:5: expected: IDENT | STRING got: LBRACE'],
    [
      'a = [ { b = 1 ]',
      'At 1:7: error while trying to parse object within list: At 1:15: expected: IDENT | STRING | ASSIGN | LBRACE got: RBRACK',
    ],
    ['/x', "At 1:1: expected '/' for comment"],
    ['\u{10f28a}x', 'At 1:1: illegal char'],
    ['a\0', 'At 1:2: unexpected null character (0x00)'],
    ['{"a":tru}', '1:8: illegal char'],
    ['{"a" 1}', 'expected: STRING got: NUMBER'],
    ['{"a":1.5e3,"b":01}', '1:17: numbers cannot start with 0'],
    ['{"a":"x', '1:8: literal not terminated'],
  ])('%j is refused in upstream’s words', (text, message) => {
    expect(() => parseHcl(text)).toThrow(message);
  });

  test.each(['x = ', '{', '{"a":}', '{"path":', '  ', '# only'])('%j is nothing, as upstream has it', (text) => {
    expect(read(text)).toEqual([]);
  });
});
