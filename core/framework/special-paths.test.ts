import { expect, test } from 'vitest';
import { isSpecial } from './special-paths.ts';

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
  expect(isSpecial([pattern], path)).toBe(special);
});
