import { expect, test } from 'vitest';
import { decodeBase64 } from '../../codec/base64.ts';
import type { JsonObject } from '../../codec/json.ts';
import { ReadOnly } from '../../storage/storage.ts';
import { testServices } from '../services.fixture.ts';

const { request } = testServices();

const alias = { mountAccessor: 'userpass_1', mountType: 'userpass', name: 'bob' };

const realBucket =
  'ChJwYWNrZXIvYnVja2V0cy8xMTYSjQMKJDA1Njk5ZDU2LTUzZDQtZTQ3NC01ZWFhLWVmMjljNjQ0YjJiZRLkAgojdHlwZS5nb29nbGVhcGlzLmNvbS9pZGVudGl0eS5FbnRpdHkSvAIKxwEKJGM2MzEyMWQ5LTFjODUtNGNiYS05OTU1LTRhNTk3NWVhNmFlNxIkMDU2OTlkNTYtNTNkNC1lNDc0LTVlYWEtZWYyOWM2NDRiMmJlGgh1c2VycGFzcyIWYXV0aF91c2VycGFzc183ZTQ0ZDQzNioOYXV0aC91c2VycGFzcy86A2JvYkIMCIXsjtgGELzvi5sBSgwIheyO2AYQvO+LmwFaBHJvb3RyIHBhY2tlci9sb2NhbC1hbGlhc2VzL2J1Y2tldHMvMTE2EiQwNTY5OWQ1Ni01M2Q0LWU0NzQtNWVhYS1lZjI5YzY0NGIyYmUaFGVudGl0eV8zNjAzODVlZi5yb290KgwIheyO2AYQ/NGLmwEyDAiF7I7YBhD80YubAUoScGFja2VyL2J1Y2tldHMvMTE2YgRyb290';

test("a real server's bucket is read, and written again with a change", async () => {
  const { services, storage } = testServices();
  const bytes = decodeBase64(realBucket);
  const key = 'logical/identity-uuid/packer/buckets/116';
  await storage.put(key, bytes);
  const id = '05699d56-53d4-e474-5eaa-ef29c644b2be';
  expect(await services.identity.entity(id)).toMatchObject({
    name: 'entity_360385ef.root',
    namespaceId: 'root',
    aliases: [
      { name: 'bob', mountType: 'userpass', mountAccessor: 'auth_userpass_7e44d436', mountPath: 'auth/userpass/' },
    ],
  });
  const backend = services.identity.backend;
  await backend.handle(request({ operation: 'update', path: `entity/id/${id}`, data: {} }));
  // Only the time of the change may be shorter: whole micros have fewer nanoseconds.
  const written = (await storage.get(key))!;
  expect(bytes.length - written.length).toBeLessThanOrEqual(2);
  expect(written.length).toBeLessThanOrEqual(bytes.length);
});

test('a group of a real server is read, and members and parents are found', async () => {
  const { services, storage } = testServices();
  await storage.put(
    'logical/identity-uuid/packer/group/buckets/186',
    decodeBase64(
      'ChhwYWNrZXIvZ3JvdXAvYnVja2V0cy8xODYSmAIKJGI0OWUyYzQ3LTRlYTMtMjI3Ny00ZjZkLTBlNmQ0NDRlM2EyZBLvAQoidHlwZS5nb29nbGVhcGlzLmNvbS9pZGVudGl0eS5Hcm91cBLIAQokYjQ5ZTJjNDctNGVhMy0yMjc3LTRmNmQtMGU2ZDQ0NGUzYTJkEgFnGgFwIiQwNmU3MjYzZS1mMDUwLTExN2MtYjFjYS1mYjc1MTRlODBiNjEqJDcyNzQwN2IxLTU2YTgtZjdkNi03YWYzLTNjNjJmYmVjYzY2ZDIGCgFhEgFiOgwI9IaP2AYQh8qPswNCDAj0ho/YBhCHyo+zA0gCUhhwYWNrZXIvZ3JvdXAvYnVja2V0cy8xODZiCGludGVybmFsagRyb290',
    ),
  );
  const answer = await services.identity.backend.handle(
    request({ path: 'group/id/b49e2c47-4ea3-2277-4f6d-0e6d444e3a2d' }),
  );
  expect(answer?.data).toMatchObject({
    name: 'g',
    policies: ['p'],
    metadata: { a: 'b' },
    member_entity_ids: ['727407b1-56a8-f7d6-7af3-3c62fbecc66d'],
    parent_group_ids: ['06e7263e-f050-117c-b1ca-fb7514e80b61'],
    modify_index: 2,
  });
});

test('aliases of local mounts lie in a bucket of their own and come back with their entity', async () => {
  const { services, storage } = testServices();
  await storage.put(
    'logical/identity-uuid/packer/buckets/160',
    decodeBase64(
      'ChJwYWNrZXIvYnVja2V0cy8xNjASoQQKJDcyNzQwN2IxLTU2YTgtZjdkNi03YWYzLTNjNjJmYmVjYzY2ZBL4AwojdHlwZS5nb29nbGVhcGlzLmNvbS9pZGVudGl0eS5FbnRpdHkS0AMK2wEKJDA5MDg5MGFkLTQ4ZjUtYjY2Ny03NmExLTNiNTBiOTA0ZjBkYhIkNzI3NDA3YjEtNTZhOC1mN2Q2LTdhZjMtM2M2MmZiZWNjNjZkIhZhdXRoX3VzZXJwYXNzXzA3NWY3NzBmOgNib2JCDAj0ho/YBhD1x9ixA0oMCPSGj9gGEPXH2LEDUiQ1MmJmODcyYi02ZWJjLTVhMzAtNWFmMi03Mjc1Y2FkMTkwMWVaBHJvb3RiBgoBYxIBZHIgcGFja2VyL2xvY2FsLWFsaWFzZXMvYnVja2V0cy8yMDMSJDcyNzQwN2IxLTU2YTgtZjdkNi03YWYzLTNjNjJmYmVjYzY2ZBoCZTEiBgoBYRIBYioMCPSGj9gGEIba3rADMgwI9IaP2AYQhtresAM6JDUyYmY4NzJiLTZlYmMtNWEzMC01YWYyLTcyNzVjYWQxOTAxZUIBcEoScGFja2VyL2J1Y2tldHMvMTYwUl8KJGRmZmFiNmFkLTljMjktOTEzNC0xY2M2LWE0NjMzMjYwY2UwMBI3CgJtbRIxCgFpEB4gBigBMBRCJDcyNzQwN2IxLTU2YTgtZjdkNi03YWYzLTNjNjJmYmVjYzY2ZGIEcm9vdA==',
    ),
  );
  await storage.put(
    'logical/identity-uuid/packer/local-aliases/buckets/160',
    decodeBase64(
      'CiBwYWNrZXIvbG9jYWwtYWxpYXNlcy9idWNrZXRzLzE2MBKlAgokNzI3NDA3YjEtNTZhOC1mN2Q2LTdhZjMtM2M2MmZiZWNjNjZkEvwBCil0eXBlLmdvb2dsZWFwaXMuY29tL2lkZW50aXR5LkxvY2FsQWxpYXNlcxLOAQrLAQokZGM4ZTYxZjUtOGUyZS01ZmJmLTViOWUtN2M5MjNhNjA1NTg3EiQ3Mjc0MDdiMS01NmE4LWY3ZDYtN2FmMy0zYzYyZmJlY2M2NmQaCHVzZXJwYXNzIhZhdXRoX3VzZXJwYXNzXzRhYzgzZjU0KglhdXRoL2xvYy86AmxvQgwI9IaP2AYQj6STsgNKDAj0ho/YBhCPpJOyA1oEcm9vdGIGCgFjEgFkaAFyIHBhY2tlci9sb2NhbC1hbGlhc2VzL2J1Y2tldHMvMTYw',
    ),
  );
  const entity = await services.identity.entity('727407b1-56a8-f7d6-7af3-3c62fbecc66d');
  expect(entity?.aliases.map(({ name }) => name)).toEqual(['bob', 'lo']);
  expect(await services.identity.entity('52bf872b-6ebc-5a30-5af2-7275cad1901e')).toBe(entity);
});

test('an alias gets one entity, also when two log in at once and after a restart', async () => {
  const { services, storage } = testServices();
  const [a, b] = await Promise.all([services.identity.forAlias(alias), services.identity.forAlias(alias)]);
  expect([a?.created, b?.created]).toEqual([true, false]);
  expect(b?.entity.id).toBe(a?.entity.id);
  const standby = testServices(storage, false);
  expect(await standby.services.identity.forAlias(alias)).toMatchObject({
    created: false,
    entity: { id: a?.entity.id },
  });
  expect(await standby.services.identity.forAlias({ ...alias, name: 'eve' })).toBeUndefined();
  expect(await services.identity.entity(a!.entity.id)).toBe(await services.identity.entity(a!.entity.id));
});

test('a standby sees a change of an entity or group when it is told of the bucket, and not before', async () => {
  const { services, storage } = testServices();
  const standby = testServices(storage, false).services.identity;
  const change = (path: string, data: JsonObject) =>
    services.identity.backend.handle(request({ operation: 'update', path, data }));
  const made = await change('entity', { name: 'e' });
  const id = (made!.data as JsonObject)['id'] as string;
  const seen = async () => {
    const entity = await standby.entity(id);
    return entity === undefined ? undefined : [...(await standby.policies(entity))];
  };
  expect(await seen()).toEqual([]);
  const before = standby.changes;
  await change(`entity/id/${id}`, { policies: ['own'] });
  await change('group', { name: 'g', policies: ['shared'], member_entity_ids: [id] });
  expect(await seen()).toEqual([]);
  for (const folder of ['packer/buckets/', 'packer/group/buckets/']) {
    for (const name of await storage.list(`logical/identity-uuid/${folder}`)) standby.invalidate(folder + name);
  }
  expect(await seen()).toEqual(['own', 'shared']);
  expect(standby.changes).toBeGreaterThan(before);
});

test('what a standby is asked to change goes to the active node', async () => {
  const standby = testServices(undefined, false);
  const change = standby.services.identity.backend.handle(
    standby.request({ operation: 'update', path: 'entity', data: { name: 'e' } }),
  );
  await expect(change).rejects.toBeInstanceOf(ReadOnly);
});
