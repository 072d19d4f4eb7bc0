import { expect, test } from 'vitest';
import { der } from '../../codec/der.ts';
import type { Certificate } from './certificate.ts';
import { parsePolicies } from './extension.ts';
import { parseInhibitAny, parsePolicyConstraints, parsePolicyMappings, policiesHold } from './policies.ts';

type Part = Partial<Pick<Certificate, 'policies' | 'policyMappings' | 'policyConstraints' | 'inhibitAnyPolicy'>>;

/** From the leaf to what is below the root; each issued by the next. */
const holds = (...parts: readonly Part[]): boolean => {
  const chain = [...parts, {}].map((part, index) => ({
    policies: [],
    policyMappings: [],
    rawSubject: Uint8Array.of(index),
    rawIssuer: Uint8Array.of(index + 1),
    ...part,
  }));
  return policiesHold(chain as unknown as Certificate[]);
};
const [ANY, A, B] = ['2.5.29.32.0', '1.2.3', '1.2.4'];
const explicit = { requireExplicit: 0, inhibitMapping: undefined };
const mapped = { policyMappings: [{ issuer: A, subject: B }] };

/** Held against the real server, as 300 chains drawn by chance were. */
test.each<[string, boolean, ...Part[]]>([
  ['nothing is required', true, {}, {}],
  ['none is named', false, {}, { policyConstraints: explicit }],
  ['the leaf asks by itself', false, { policyConstraints: explicit }, {}],
  ['the same all the way', true, { policies: [A] }, { policies: [A], policyConstraints: explicit }],
  ['another', false, { policies: [B] }, { policies: [A], policyConstraints: explicit }],
  ['any stands for it', true, { policies: [B] }, { policies: [ANY], policyConstraints: explicit }],
  ['any below it', true, { policies: [ANY] }, { policies: [A], policyConstraints: explicit }],
  [
    'any is inhibited',
    false,
    { policies: [ANY] },
    { policies: [ANY], policyConstraints: explicit, inhibitAnyPolicy: 0 },
  ],
  ['one is mapped to another', true, { policies: [B] }, { policies: [A], policyConstraints: explicit, ...mapped }],
  ['and is no more itself', false, { policies: [A] }, { policies: [A], policyConstraints: explicit, ...mapped }],
  [
    'mappings are inhibited from above',
    false,
    { policies: [B] },
    { policies: [A], ...mapped },
    { policies: [A], policyConstraints: { requireExplicit: 0, inhibitMapping: 0 } },
  ],
  [
    'any is no policy to map',
    false,
    { policies: [A] },
    { policies: [A], policyMappings: [{ issuer: ANY, subject: A }] },
  ],
  [
    'it is required further down only',
    true,
    {},
    { policyConstraints: { requireExplicit: 2, inhibitMapping: undefined } },
  ],
])('%s: %s', (_, whether, ...parts) => {
  expect(holds(...parts)).toBe(whether);
});

test('extensions are read', () => {
  const constraints = Uint8Array.of(0x30, 6, 0x80, 1, 0, 0x81, 1, 2);
  expect(parsePolicyConstraints(constraints)).toEqual({ requireExplicit: 0, inhibitMapping: 2 });
  expect(parsePolicyConstraints(Uint8Array.of(0x30, 3, 0x80, 1, 0xff))).toEqual({
    requireExplicit: undefined,
    inhibitMapping: undefined,
  });
  expect(parsePolicyMappings(der.sequence(der.sequence(der.oid(A), der.oid(B))))).toEqual([{ issuer: A, subject: B }]);
  expect(parsePolicyMappings(Uint8Array.of(0x30, 8, 0x30, 6, 6, 2, 0x2a, 3, 6, 0))).toMatchObject([{ issuer: A }]);
  expect(() => parsePolicyConstraints(Uint8Array.of(0x30, 4, 0x80, 2, 0, 0))).toThrow('no count');
  const one = der.sequence(der.oid(A));
  expect(() => parsePolicies(der.sequence(one, one))).toThrow('x509: invalid certificate policies');
  expect(parseInhibitAny(der.integer(3))).toBe(3);
});
