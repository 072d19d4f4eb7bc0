import { expect, test } from 'vitest';
import { Lockouts, lockoutsFor } from './lockout.ts';
import type { MountEntry } from './mounts/entry.ts';

const entry = { type: 'userpass', accessor: 'a', config: {} } as MountEntry;
const clock = { wall: () => 0 } as ConstructorParameters<typeof Lockouts>[0];
const withVariables = (variables: Record<string, string>): Lockouts =>
  lockoutsFor({ clock, environment: (name: string) => variables[name] } as Parameters<typeof lockoutsFor>[0]);

test.each([
  [{}, true],
  [{ BAO_DISABLE_USER_LOCKOUT: 'true' }, false],
  [{ VAULT_DISABLE_USER_LOCKOUT: '1' }, false],
  [{ BAO_DISABLE_USER_LOCKOUT: 'f', VAULT_DISABLE_USER_LOCKOUT: 'true' }, true],
  [{ BAO_DISABLE_USER_LOCKOUT: '', VAULT_DISABLE_USER_LOCKOUT: 'true' }, true],
])('%j: users are locked out: %s', (variables, applies) => {
  expect(withVariables(variables).applies(entry)).toBe(applies);
});

test('what is neither yes nor no is told at a login', () => {
  const lockouts = withVariables({ BAO_DISABLE_USER_LOCKOUT: 'maybe' });
  expect(() => lockouts.applies(entry)).toThrow('Error parsing the environment variable BAO_DISABLE_USER_LOCKOUT');
  expect(lockouts.applies({ ...entry, type: 'jwt' })).toBe(false);
});
