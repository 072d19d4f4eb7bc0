import { expect, test } from 'vitest';
import { pathSet } from './special-paths.ts';

const set = pathSet(['login', 'roles/*', 'role/+/login', 'cert/+/ca*']);

test.each([
  ['login', true],
  ['login/', false],
  ['logins', false],
  ['roles/', true],
  ['roles/a/b', true],
  ['roles', false],
  ['role/a/login', true],
  ['role/a/b/login', false],
  ['role//login', true],
  ['cert/a/ca', true],
  ['cert/a/ca/pem', true],
  ['cert/a/other', false],
])('%s is special: %s', (path, special) => {
  expect(set.has(path)).toBe(special);
});
