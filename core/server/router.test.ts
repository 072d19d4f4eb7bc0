import { expect, test } from 'vitest';
import type { Backend, Request } from '../framework/logical.ts';
import { InmemStorage } from '../storage/inmem.ts';
import { makeEntry } from './mounts/defaults.ts';
import type { NewEntry } from './mounts/defaults.ts';
import { MountSystemView } from './mounts/system-view.ts';
import { rootNamespace } from '../framework/root-namespace.ts';
import { Router } from './router.ts';

const echo: Backend = {
  type: 'echo',
  handle: async ({ path, mount }) => ({ data: { path, mount: mount!.point } }),
  exists: async () => undefined,
  special: { root: ['secret'], unauthenticated: ['login/*'], binary: [] },
};

const facts = {
  active: true,
  defaultLeaseTtl: 1,
  maxLeaseTtl: 1,
  clusterId: () => '',
  entity: () => Promise.resolve(undefined),
  generatePassword: () => Promise.resolve(''),
  fillTemplate: () => Promise.resolve(''),
  externalKey: () => Promise.reject(new Error('none')),
};

function routerWith(...mounts: readonly Pick<NewEntry, 'table' | 'path'>[]): Router {
  const router = new Router();
  for (const mount of mounts) {
    const ids = { uuid: () => mount.path, accessorSuffix: () => '00000000' };
    const entry = makeEntry({ ...mount, type: 'echo' }, ids, rootNamespace);
    router.add({ entry, backend: echo, storage: new InmemStorage(), system: new MountSystemView(facts, entry) });
  }
  return router;
}

const ask = (path: string, operation: Request['operation'] = 'read'): Request => ({
  id: 'r',
  operation,
  path,
  data: {},
  namespace: rootNamespace,
  clientToken: '',
  headers: new Map(),
  remote: { address: '', port: 0 },
  unauthenticated: false,
  standby: false,
});

const router = routerWith(
  { table: 'mounts', path: 'a/' },
  { table: 'mounts', path: 'b/c/' },
  { table: 'auth', path: 'up/' },
);

test.each([
  ['a/x', 'a/', 'x'],
  ['a/', 'a/', ''],
  ['a', 'a/', ''],
  ['b/c/d/e', 'b/c/', 'd/e'],
  ['auth/up/login/bob', 'auth/up/', 'login/bob'],
])('%s goes to %s as %s', async (path, mount, inner) => {
  expect((await router.route(ask(path)))?.data).toEqual({ path: inner, mount });
});

test('a path without a mount is refused with 404, quotes escaped as Go does', async () => {
  const refused = { message: String.raw`no handler for route "no\"pe". route entry not found.`, status: 404 };
  await expect(router.route(ask('no"pe'))).rejects.toMatchObject(refused);
  expect(router.match('b/x')).toBeUndefined();
});

test('mounts may not overlap in either direction', () => {
  expect(router.conflict('a/sub/')).toBe('a/');
  expect(router.conflict('b/')).toBe('b/c/');
  expect(router.conflict('ab/')).toBeUndefined();
});

test('special paths are looked up relative to their mount', () => {
  expect([router.isLogin('auth/up/login/bob'), router.isLogin('login/bob')]).toEqual([true, false]);
  expect([router.isRoot('a/secret'), router.isRoot('a/other')]).toEqual([true, false]);
});

test('a tainted mount takes only revocations and rollbacks', async () => {
  const own = routerWith({ table: 'mounts', path: 'a/' });
  own.replace({ ...own.at('a/')!.entry, tainted: true });
  await expect(own.route(ask('a/x'))).rejects.toMatchObject({ status: 404 });
  expect(await own.route(ask('a/x', 'revoke'))).toBeDefined();
});
