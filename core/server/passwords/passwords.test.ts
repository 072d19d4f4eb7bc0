import { fc, test as prop } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { drbg } from '../../crypto/drbg.ts';
import { devNode } from '../node.fixture.ts';
import { generatePassword } from './generate.ts';
import { parsePasswordPolicy } from './policy.ts';

const bytes = drbg(Uint8Array.of(1));
const random = { bytes, below: (bound: number) => bytes(1)[0]! % bound };

test('a policy that cannot be used is refused with the reason', () => {
  const refusals: [string, string][] = [
    ['rule "charset" { charset="abc" }', '1 error occurred:\n\t* length must be > 0\n\n'],
    ['length=20', '1 error occurred:\n\t* no charset specified\n\n'],
    ['length=20\nrule "charset" "x" { charset="abc" }', '1 error occurred:\n\t* no charset specified\n\n'],
    [
      'length=20\nrule "charset" { charset="abc"\n min-chars=21 }',
      '1 error occurred:\n\t* specified rules require at least 21 characters but 20 is specified\n\n',
    ],
    ['length=20\nrule "charset" { charset="a\\tb" }', '1 error occurred:\n\t* non-printable character in charset\n\n'],
    [
      'length="20"\nrule "charset" { charset="abc" }',
      "failed to decode configuration: decoding failed due to the following error(s):\n\n'length' expected type 'int', got unconvertible type 'string'",
    ],
    [
      'length=20\nrule "other" { charset="abc" }',
      'unable to parse rules: unable to parse rule other: unrecognized rule type other',
    ],
    ['length=20\nrule = "charset"', "unable to retrieve rules: '' source data must be an array or slice, got string"],
    [
      'length=20\nrule { charset="abc" }',
      "unable to parse rules: unable to get rule info: unable to get rule data: '' source data must be an array or slice, got string",
    ],
    ['not hcl {', 'unable to decode: At 1:11: object expected closing RBRACE got: EOF'],
  ];
  for (const [text, reason] of refusals) expect(() => parsePasswordPolicy(text)).toThrow(reason);
});

test('JSON says the same as HCL', () => {
  const hcl = parsePasswordPolicy('length=20\nrule "charset" { charset="cba"\n min-chars=2 }');
  expect(parsePasswordPolicy('{"length":20,"rule":[{"charset":{"charset":"abc","min-chars":2}}]}')).toEqual(hcl);
  expect(parsePasswordPolicy('{"length":20,"rule":{"charset":{"charset":"abc","min-chars":2}}}')).toEqual(hcl);
});

prop.prop([fc.integer({ min: 4, max: 100 }), fc.integer({ min: 0, max: 2 })])(
  'a password has its length and keeps the rules',
  (length, minimum) => {
    const text = `length=${length}\nrule "charset" { charset="abcdef"\nmin-chars=${minimum} }\nrule "charset" { charset="0123" \n min-chars=${minimum} }`;
    const password = generatePassword(parsePasswordPolicy(text), random)!;
    expect(password).toMatch(/^[a-f0-3]+$/);
    expect(password.length).toBe(length);
    expect(password.replaceAll(/[a-f]/g, '').length).toBeGreaterThanOrEqual(minimum);
    expect(password.replaceAll(/[0-3]/g, '').length).toBeGreaterThanOrEqual(minimum);
  },
);

test('policies are kept under names with slashes, and passwords are made by them', async () => {
  const client = await devNode();
  const policy = 'length=20\nrule "charset" { charset="abc" }';
  for (const name of ['Up', 'a/b', 'zz']) await client.call('POST', `sys/policies/password/${name}`, { policy });
  expect((await client.call('LIST', 'sys/policies/password')).body['data']).toEqual({ keys: ['Up', 'zz', 'a/b'] });
  const made = await client.call('GET', 'sys/policies/password/a/b/generate');
  expect(made.text).toMatch(/"password":"[abc]{20}"/);
  const missing = await client.call('GET', 'sys/policies/password/up/generate');
  expect([missing.status, missing.body['errors']]).toEqual([404, ['1 error occurred:\n\t* policy does not exist\n\n']]);
});
