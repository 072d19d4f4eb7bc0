import { describe, expect, test } from 'vitest';
import { CREATE, DELETE, LIST, READ, SUDO, UPDATE } from './capability.ts';
import { parsePolicy } from './parse.ts';

/** Texts and answers recorded on a real 2.7.2 server. */
const refused: readonly (readonly [policy: string, error: string])[] = [
  ['path "x" { capabilities=["foo"] }', 'path "x": path "x": invalid capability "foo"'],
  ['path "x" { capabilities=["read"] foo=1 }', 'path "x": 1 error occurred:\n\t* invalid key "foo" on line 1\n\n'],
  ['foo = 1', '1 error occurred:\n\t* invalid key "foo" on line 1\n\n'],
  ['path "x" { policy="nope" }', 'path "x": path "x": invalid policy "nope"'],
  ['path "x" {', 'At 1:12: object expected closing RBRACE got: EOF'],
  ['path "x" { capabilities="read" }', 'path "x": path "x": At 1:25: unknown slice type: *ast.LiteralType'],
  ['path "x+*" { capabilities=["read"] }', `path "x+*": path "x+*": invalid use of wildcards ('+*' is forbidden)`],
  ['path "/x+*" { capabilities=["read"] }', `path "/x+*": path "x+*": invalid use of wildcards ('+*' is forbidden)`],
  [
    'path "x" { capabilities=["read"] min_wrapping_ttl="1h" max_wrapping_ttl="1m" }',
    'path "x": max_wrapping_ttl cannot be less than min_wrapping_ttl',
  ],
  ['path "x" { min_wrapping_ttl="zz" }', 'path "x": error parsing min_wrapping_ttl: time: invalid duration "zz"'],
  [
    'path "x" { capabilities=["read"] allowed_parameters=3 }',
    'path "x": path "x": At 1:53: root.allowed_parameters: not an object type for map (*ast.LiteralType)',
  ],
  [
    'path "x" { capabilities=["read"] pagination_limit="a" }',
    'path "x": path "x": strconv.ParseInt: parsing "a": invalid syntax',
  ],
  [
    'path "x" { capabilities=["read"] expiration="zz" }',
    'path "x": path "x": invalid expiration time: could not parse string as date and time',
  ],
  [
    'path "x" { capabilities=["read"] list_scan_response_keys_filter_path="{{ .key }}" }',
    'path "x": list_scan_response_keys_filter_path needs to be used on a path with the list capability',
  ],
  [
    'path "x" { capabilities=["read"] control_group = { factor "a" { identity { group_names=["x"] approvals=1 } } } }',
    'path "x": error handling control_group: 1 error occurred:\n\t* factor 0: missing controlled capabilities\n\n',
  ],
  [
    '{"path":{"x":{"capabilities":["read"],"foo":1}}}',
    'path "x": 1 error occurred:\n\t* invalid key "foo" on line 1\n\n',
  ],
  ['path "x" { capabilities=["READ"] }', 'path "x": path "x": invalid capability "READ"'],
  [
    'path "secret/{{identity.entity.id" { capabilities=["read"] }',
    'path "secret/{{identity.entity.id": failed to validate policy templating: unbalanced templating characters',
  ],
  ['path = 3', 'path "path": cannot check HCL keys of type *ast.LiteralType'],
  [
    'path "x" { foo=1 bar=2 }',
    'path "x": 2 errors occurred:\n\t* invalid key "foo" on line 1\n\t* invalid key "bar" on line 1\n\n',
  ],
  ['Path "x" { capabilities=["read"] }', '1 error occurred:\n\t* invalid key "Path" on line 0\n\n'],
  ['path "x" {\n capabilities=["read"]\n zork ! }', 'At 3:7: illegal char'],
];

const accepted: readonly string[] = [
  'path "x" { capabilities=["read","deny"] }',
  'path "x/+a/b" { capabilities=["read"] }',
  'path "x*y" { capabilities=["read"] }',
  'path "x" { min_wrapping_ttl=-1 capabilities=["read"]}',
  'path "x" { capabilities=["read"] pagination_limit=-1 }',
  'path "x" { capabilities=["read"] comment=3 mfa_methods=["a"] }',
  'name="x"',
  '{"path":[{"x":{"capabilities":["read"]}}]}',
  'path "x" "y" { capabilities=["read"] }',
  'path { capabilities=["read"] }',
  'path "" { capabilities=["read"] }',
  '# nothing',
];

const shape = (path: string) => {
  const { path: kept, prefix, wildcards } = parsePolicy(`path "${path}" { capabilities=["read"] }`).paths[0]!;
  return [kept, prefix, wildcards];
};

const bits = (word: string): number | undefined => parsePolicy(`path "x" { policy="${word}" }`).paths[0]?.capabilities;

describe('policies', () => {
  test.each(refused)('%j is refused as upstream does', (text, error) => {
    expect(() => parsePolicy(text)).toThrow(`failed to parse policy: ${error}`);
  });

  test.each(accepted)('%j is accepted', (text) => {
    expect(() => parsePolicy(text)).not.toThrow();
  });

  test('the old policy words stand for capabilities', () => {
    expect(bits('read')).toBe(READ | LIST);
    expect(bits('write')).toBe(CREATE | READ | UPDATE | DELETE | LIST);
    expect(bits('sudo')).toBe(CREATE | READ | UPDATE | DELETE | LIST | SUDO);
  });

  test('a trailing star makes a prefix, whole plus segments make a pattern, a leading slash is dropped', () => {
    expect(shape('/a/b')).toEqual(['a/b', false, false]);
    expect(shape('a/*')).toEqual(['a/', true, false]);
    expect(shape('a/+/b*')).toEqual(['a/+/b*', false, true]);
    expect(shape('a+b')).toEqual(['a+b', false, false]);
  });
});
