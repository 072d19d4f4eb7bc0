import { expect, test } from 'vitest';
import type { JsonObject } from '../../codec/json.ts';
import { testServices } from '../services.fixture.ts';

test('a login joins the external groups that it names on its mount, and leaves the others', async () => {
  const { services, request } = testServices();
  const { identity } = services;
  const write = async (path: string, data: JsonObject): Promise<JsonObject> =>
    (await identity.backend.handle(request({ operation: 'update', path, data })))?.data as JsonObject;
  for (const name of ['staff', 'admins']) {
    const group = await write('group', { name, type: 'external', policies: [name] });
    const canonical = group['id'] as string;
    await write('group-alias', { name: `cn=${name}`, mount_accessor: 'userpass_1', canonical_id: canonical });
  }
  const entity = (await identity.forAlias({ mountAccessor: 'userpass_1', mountType: 'userpass', name: 'bob' }))!.entity;
  await write('group', { name: 'own', policies: ['own'], member_entity_ids: [entity.id] });
  const after = async (...names: string[]): Promise<string[]> => {
    await identity.refreshGroups(entity.id, names, 'userpass_1');
    return [...(await identity.policies(entity))].sort();
  };
  expect(await after('cn=staff', 'cn=unknown')).toEqual(['own', 'staff']);
  expect(await after('cn=admins')).toEqual(['admins', 'own']);
  expect(await after()).toEqual(['own']);
});
