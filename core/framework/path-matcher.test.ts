import { expect, test } from 'vitest';
import { pathMatcher } from './path-matcher.ts';

const set = pathMatcher(['login', 'roles/*', 'role/+/login', 'cert/+/ca*']);

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

// Paths of the OpenAPI document, too.
test.each<[string, string, boolean]>([
  ['seal', 'seal', true],
  ['seal', 'seal/x', false],
  ['rotate', 'rotate/root', false],
  ['config/*', 'config/{name}', true],
  ['config/*', 'config/a/b', true],
  ['config/*', 'config', false],
  ['leases/look*', 'leases/lookup/{prefix}', true],
  ['role/+/id', 'role/{name}/id', true],
  ['role/+/id', 'role/{name}/other', false],
  ['*', 'anything/at/all', true],
])('%s and %s: %s', (pattern, path, special) => {
  expect(pathMatcher([pattern]).has(path)).toBe(special);
});
