import { expect, test } from 'vitest';
import { isAllowed, printRules, type Rule } from './acl-model.ts';

const rule = (pattern: string, capabilities: readonly string[], denied: readonly string[] = []): Rule => ({
  pattern,
  capabilities,
  denied,
});
const read = { capability: 'read', sudo: false, fields: [] };

test('the most exact pattern counts, and of several policies a deny', () => {
  const rules = [rule('kv/*', ['read']), rule('kv/d/*', ['deny']), rule('kv/d/a', ['read'])];
  const paths = ['kv/a', 'kv/d/a', 'kv/d/b', 'other'];
  expect(paths.map((path) => isAllowed(rules, { ...read, path }))).toEqual([true, true, false, false]);
  expect(isAllowed([...rules, rule('kv/d/a', ['deny'])], { ...read, path: 'kv/d/a' })).toBe(false);
});

test('a plus is one segment, and counts more the later it stands', () => {
  const rules = [rule('kv/+/a', ['read']), rule('kv/*', ['deny'])];
  expect(isAllowed(rules, { ...read, path: 'kv/d/a' })).toBe(true);
  expect(isAllowed(rules, { ...read, path: 'kv/d/e/a' })).toBe(false);
});

test('sudo is asked for besides, and denied fields are so in any case', () => {
  const path = 'kv/a';
  expect(isAllowed([rule(path, ['read'])], { ...read, path, sudo: true })).toBe(false);
  expect(isAllowed([rule(path, ['read', 'sudo'])], { ...read, path, sudo: true })).toBe(true);
  expect(isAllowed([rule(path, ['read'], ['Secret'])], { ...read, path, fields: ['sECRET'] })).toBe(false);
});

test('rules are printed as policies are written', () => {
  expect(printRules([rule('kv/*', ['read', 'list'], ['secret'])])).toBe(
    'path "kv/*" { capabilities = ["read", "list"] denied_parameters = { "secret" = [] } }',
  );
});
