import { expect, test } from 'vitest';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { parseJwks } from './jwk.ts';

const KEY = '"kty":"RSA","e":"AQAB","kid":"a","n":"sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri"';
const read = (text: string): string[] => parseJwks(encodeUtf8(text)).map(({ keyId }) => keyId);

// As 2.7.2 says it of sets that it fetched.
test.each([
  [`{"keys":[{${KEY},"n":"AQAB"}]}`, "json: duplicate key 'n' in object"],
  [`{"keys":[{${KEY},"zz":1,"zz":2}]}`, "json: duplicate key 'zz' in object"],
  ['{"keys":[{}]}', 'go-jose/go-jose: missing json web key type'],
  ['{"keys":[null]}', 'go-jose/go-jose: missing json web key type'],
  ['{"keys":"x"}', 'json: cannot unmarshal string into Go struct field .keys of type []jose.JSONWebKey'],
  [
    `{"keys":[{${KEY}}],"KEYS":5}`,
    'json: cannot unmarshal number into Go struct field .KEYS of type []jose.JSONWebKey',
  ],
])('%s is refused', (text, why) => expect(() => read(text)).toThrow(why));

test.each([
  ['null', []],
  ['{"keys":null}', []],
  [`{"Keys":[{${KEY}}]}`, ['a']],
  [`{"keys":[{${KEY}}],"KEYS":[]}`, []],
  [`{"keys":[],"keys":[{${KEY}}]}`, ['a']],
  [`{"keys":[{${KEY},"zz":{"a":1,"a":2}}]}`, ['a']],
])('%s is read', (text, ids) => expect(read(text)).toEqual(ids));
