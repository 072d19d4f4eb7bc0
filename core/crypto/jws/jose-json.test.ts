import { describe, expect, test } from 'vitest';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { encodeBase64RawUrl } from '../../codec/base64.ts';
import { parseJose } from './jose-json.ts';
import { parseJws } from './jws.ts';

// What 2.7.2 says of tokens with such headers.
describe('go-jose reads no', () => {
  test.each([
    ['{"a":1,"a":2}', "json: duplicate key 'a' in object"],
    ['{"a":1,"\\u0061":2}', "json: duplicate key 'a' in object"],
    ['{"b":[{"a":1,"a":2}]}', "json: duplicate key 'a' in object"],
    ['{"a":1,"a":2', 'unexpected end of JSON input'],
    ['', 'unexpected end of JSON input'],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a":nul', "invalid character ' ' in literal null (expecting 'l')"],
    ['{"a":"\\q"}', "invalid character 'q' in string escape code"],
    ['{"a":"\\u12"}', String.raw`invalid character '"' in \u hexadecimal character escape`],
    ['{"a":"b\tc"}', String.raw`invalid character '\t' in string literal`],
    ['{"a":1.}', "invalid character '}' after decimal point in numeric literal"],
    ['{"a":1e}', "invalid character '}' in exponent of numeric literal"],
    ['{"a":-}', "invalid character '}' in numeric literal"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{}ä', "invalid character 'Ã' after top-level value"],
  ])('%s', (text, problem) => {
    expect(() => parseJose(encodeUtf8(text))).toThrow(problem);
  });
});

test('go-jose reads what differs in case, whatever is in it', () => {
  expect(parseJose(encodeUtf8(' {"a":[1,{"a":"\\u00e4"}],"A":null} '))).toEqual({ a: [1, { a: 'ä' }], A: null });
});

const headed = (header: string): string => `${encodeBase64RawUrl(encodeUtf8(header))}.e30.AA`;

test.each([
  ['{"alg":5}', 'failed to unmarshal algorithm: json: cannot unmarshal number into Go value of type string: "5"'],
  [
    '{"alg":1e400}',
    'failed to unmarshal algorithm: json: cannot unmarshal number into Go value of type string: "1e400"',
  ],
  ['{"nonce":[]}', 'failed to unmarshal nonce: json: cannot unmarshal array into Go value of type string: "[]"'],
  ['{"x5c":5}', 'failed to unmarshal x5c header: json: cannot unmarshal number into Go value of type []string: "5"'],
  [
    '{"jwk":{"kty":5}}',
    String.raw`failed to unmarshal JWK: json: cannot unmarshal number into Go value of type string: "{\"kty\":5}"`,
  ],
  [
    '{"jwk":{"kty":"EC","crv":"constructor"}}',
    String.raw`failed to unmarshal JWK: go-jose/go-jose: unsupported elliptic curve 'constructor': "{\"kty\":\"EC\",\"crv\":\"constructor\"}"`,
  ],
  ['{"jwk":{"kty":"oct","k":"AA"}}', 'go-jose/go-jose: invalid embedded jwk, must be public key'],
  [
    '{"x":{"a":1,"a":2}}',
    String.raw`failed to unmarshal value: json: duplicate key 'a' in object: "{\"a\":1,\"a\":2}"`,
  ],
])('a token with the header %s is refused', (header, problem) => {
  expect(() => parseJws(headed(header))).toThrow(problem);
});

test('a member may be called like what every object has', () => {
  expect(parseJws(headed('{"alg":"ES256","constructor":1,"toString":{},"__proto__":[]}')).algorithm).toBe('ES256');
});

test('extensions that go-jose understands are no reason to refuse a signature', () => {
  for (const good of ['{"crit":null}', '{"crit":[]}', '{"crit":["b64"]}', '{"b64":5}']) {
    expect(parseJws(headed(good)).critical, good).toBe(false);
  }
  for (const bad of ['{"crit":["a"]}', '{"crit":5}', '{"b64":false}']) {
    expect(parseJws(headed(bad)).critical, bad).toBe(true);
  }
});
