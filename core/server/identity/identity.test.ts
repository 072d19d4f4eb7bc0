import { expect, test } from 'vitest';
import { decodeBase64 } from '../../codec/base64.ts';
import { testServices } from '../services.fixture.ts';
import { decodeBucket, encodeBucket } from './entity-codec.ts';

const alias = { mountAccessor: 'userpass_1', mountType: 'userpass', name: 'bob' };

test('a bucket of a real server is read, and written again to the same length', () => {
  const bytes = decodeBase64(
    'ChJwYWNrZXIvYnVja2V0cy8xMTYSjQMKJDA1Njk5ZDU2LTUzZDQtZTQ3NC01ZWFhLWVmMjljNjQ0YjJiZRLkAgojdHlwZS5nb29nbGVhcGlzLmNvbS9pZGVudGl0eS5FbnRpdHkSvAIKxwEKJGM2MzEyMWQ5LTFjODUtNGNiYS05OTU1LTRhNTk3NWVhNmFlNxIkMDU2OTlkNTYtNTNkNC1lNDc0LTVlYWEtZWYyOWM2NDRiMmJlGgh1c2VycGFzcyIWYXV0aF91c2VycGFzc183ZTQ0ZDQzNioOYXV0aC91c2VycGFzcy86A2JvYkIMCIXsjtgGELzvi5sBSgwIheyO2AYQvO+LmwFaBHJvb3RyIHBhY2tlci9sb2NhbC1hbGlhc2VzL2J1Y2tldHMvMTE2EiQwNTY5OWQ1Ni01M2Q0LWU0NzQtNWVhYS1lZjI5YzY0NGIyYmUaFGVudGl0eV8zNjAzODVlZi5yb290KgwIheyO2AYQ/NGLmwEyDAiF7I7YBhD80YubAUoScGFja2VyL2J1Y2tldHMvMTE2YgRyb290',
  );
  const entities = decodeBucket(bytes);
  expect(entities[0]).toMatchObject({
    id: '05699d56-53d4-e474-5eaa-ef29c644b2be',
    name: 'entity_360385ef.root',
    namespaceId: 'root',
    aliases: [
      { name: 'bob', mountType: 'userpass', mountAccessor: 'auth_userpass_7e44d436', mountPath: 'auth/userpass/' },
    ],
  });
  expect(encodeBucket('packer/buckets/116', entities)).toHaveLength(bytes.length);
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
