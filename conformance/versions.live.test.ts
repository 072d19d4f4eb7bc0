/** What changed between two releases is told, and nothing that did not change. */
import { expect, test } from 'vitest';
import { loadCases } from './case.ts';
import { changesOf } from './changes.ts';
import type { Report } from './conform.ts';
import { conform, live } from './conform.ts';
import { compareDocuments } from './documents.ts';
import { askOperations } from './operations.ts';
import { changesText } from './report/changes.ts';
import { realProgram } from './targets/program.ts';

const [before, after] = [await realProgram('2.6.2'), await realProgram('2.7.2')];

async function between(one: typeof before, other: typeof before, names: readonly string[]): Promise<Report> {
  const cases = loadCases().filter(({ name }) => names.includes(name));
  expect(cases).toHaveLength(names.length);
  const operations = await askOperations(one);
  const documents = compareDocuments(operations, await askOperations(other));
  return conform(live(other), live(one), cases, operations, { done: () => undefined, documents });
}

test('2.6.2 against 2.7.2 is the change log that is known', async () => {
  const report = await between(before, after, ['kv/versions', 'kv/v1', 'sys/policies', 'token/create']);
  const { added, gone, fields } = report.documents!;
  const first = (id: string): string => id.split(' ')[1]!.replace(/^\/(auth\/|sys\/)?([^/]+).*/, '$1$2');
  expect([...new Set(gone.map(first))].sort()).toEqual([
    'auth/kerberos',
    'auth/ldap',
    'auth/radius',
    'ldap',
    'openldap',
  ]);
  expect([...new Set(added.map(first))].sort()).toEqual(['sys/control-group', 'sys/external-keys']);
  expect(fields.find(({ operation }) => operation === 'POST /transit/keys/{name}')?.added).toEqual([
    'external_key_ref',
  ]);
  const told = new Map<string, number>();
  for (const { name, differences } of report.cases) told.set(name, new Set(differences.map(({ step }) => step)).size);
  expect(Object.fromEntries(told)).toEqual({ 'kv/v1': 1, 'kv/versions': 0, 'sys/policies': 12, 'token/create': 1 });
  const texts = changesOf(report.cases).map(({ from, to }) => `${from} => ${to}`);
  expect(texts).toContain('200 => 204');
  expect(texts).toContain(
    `failed to decode JSON input: invalid character 'b' => failed to decode JSON input: invalid character 'b' looking for beginning of value`,
  );
  expect(texts).toContain(
    'failed to parse policy: path "x": invalid capability "fly" => failed to parse policy: path "x": path "x": invalid capability "fly"',
  );
  expect(changesText(report)).toContain('/auth/ldap/…  11 operations');
});

test('a release against itself has nothing to tell', async () => {
  const report = await between(after, after, ['kv/versions', 'sys/policies']);
  expect(changesText(report)).toBe('');
});
