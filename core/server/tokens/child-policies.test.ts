import { expect, test } from 'vitest';
import { childPolicies } from './child-policies.ts';
import type { TokenRole } from './roles.ts';

const role = {
  allowedPolicies: ['root'],
  disallowedPolicies: [],
  allowedPoliciesGlob: [],
  disallowedPoliciesGlob: [],
  tokenNoDefaultPolicy: false,
} as unknown as TokenRole;
const asked = { policies: [], noDefaultPolicy: false };

test('a role gives the root policy to nobody but root, wherever the parent is from', () => {
  for (const foreign of [false, true]) {
    expect(childPolicies(asked, ['root'], role, true, foreign)).toEqual(['root']);
    expect(() => childPolicies(asked, ['all', 'default'], role, true, foreign)).toThrow(
      'root tokens may not be created without parent token being root',
    );
  }
});
