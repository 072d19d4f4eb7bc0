import { expect, test } from 'vitest';
import type { BackendContext } from '../../framework/logical.ts';
import { builtinCatalog } from './builtin.ts';
import { builtinOnDemand } from './builtin-on-demand.ts';

const all = builtinCatalog();

test('every kind that simulations have can be fetched, and none besides', () => {
  const later = builtinOnDemand();
  expect([...later.secret.keys()]).toEqual([...all.secret.keys()]);
  expect([...later.auth.keys()]).toEqual([...all.auth.keys()]);
  expect(later.database).toEqual(all.database);
});

test('a kind is there once it has been fetched', async () => {
  const later = builtinOnDemand();
  const context = { options: { version: '7' } } as unknown as BackendContext;
  expect(() => later.secret.get('kv')!(context)).toThrow('kv was not made ready');
  await later.ready!('mounts', 'kv');
  expect(later.ready!('mounts', 'kv')).toBeUndefined();
  expect(() => later.secret.get('kv')!(context)).toThrow('nil backend of type "kv" returned from factory');
});

test('what is known nowhere is not waited for', () => {
  expect(builtinOnDemand().ready!('auth', 'constructor')).toBeUndefined();
});
