import { describe, expect, test } from 'vitest';
import { HOUR } from '../../runtime.ts';
import type { Entity } from '../services.ts';
import { testServices } from '../services.fixture.ts';

const entity: Entity = {
  id: 'e-1',
  name: 'joe',
  disabled: false,
  policies: [],
  metadata: { team: 'blue', bad: 'a/b*' },
  namespaceId: 'root',
  aliases: [
    {
      id: 'a-1',
      name: 'joe@x',
      mountAccessor: 'auth_userpass_1',
      mountType: 'userpass',
      metadata: {},
      customMetadata: {},
    },
  ],
};

const read = (path: string) => `path "${path}" { capabilities=["read"] }`;

describe('the policy store', () => {
  test('a policy has the bytes of a real server', async () => {
    const { services, storage } = testServices();
    await services.policies.put('pp', { raw: 'path "kvx/*" { capabilities=["read","list"] }' });
    const stored = new TextDecoder().decode(await storage.get('sys/policy/pp'));
    expect(stored.replace(/"Modified":"[^"]*"/, '"Modified":"M"')).toBe(
      '{"DataVersion":1,"CASRequired":false,"Raw":"path \\"kvx/*\\" { capabilities=[\\"read\\",\\"list\\"] }","Type":0,"Templated":false,"Expiration":"0001-01-01T00:00:00Z","Modified":"M","AllowWildcardsInIdentityTemplates":false,"AllowSlashesInIdentityTemplates":false}\n',
    );
  });

  test('a write that names another version is refused', async () => {
    const { services } = testServices();
    await services.policies.put('a', { raw: read('x'), cas: -1 });
    await expect(services.policies.put('a', { raw: read('x'), cas: -1 })).rejects.toThrow(
      'check-and-set parameter set to -1 on existing entry',
    );
    await expect(services.policies.put('a', { raw: read('x'), cas: 5 })).rejects.toThrow(
      'check-and-set parameter 5 did not match the current version 1',
    );
    await services.policies.put('a', { raw: read('x'), cas: 1, casRequired: true });
    await expect(services.policies.put('a', { raw: read('x') })).rejects.toThrow(
      'check-and-set parameter required for this call',
    );
  });

  test('what is built in cannot be lost', async () => {
    const { services } = testServices();
    await services.policies.setup();
    await expect(services.policies.delete('default')).rejects.toThrow('cannot delete default policy');
    await expect(services.policies.delete('root')).rejects.toThrow('cannot delete "root" policy');
    await expect(services.policies.put('response-wrapping', { raw: '' })).rejects.toThrow('cannot update');
    expect(await services.policies.list()).toEqual(['default']);
  });

  test('ACLs follow changes, expiries and invalidations', async () => {
    const { services, clock, storage } = testServices();
    const standby = testServices(storage, false);
    const subject = { policies: ['a', 'gone'] };
    await services.policies.put('a', { raw: read('x'), expiration: clock.wall() + HOUR });
    const first = await services.policies.acl(subject);
    expect(await services.policies.acl(subject)).toBe(first);
    expect((await standby.services.policies.acl(subject)).capabilities('x')).toEqual(['read']);
    await services.policies.put('a', { raw: read('y'), expiration: clock.wall() + HOUR });
    expect((await services.policies.acl(subject)).capabilities('x')).toEqual(['deny']);
    standby.services.policies.invalidate('a');
    expect((await standby.services.policies.acl(subject)).capabilities('y')).toEqual(['read']);
    await clock.advance(2 * HOUR);
    expect((await services.policies.acl(subject)).capabilities('y')).toEqual(['deny']);
  });

  test('templates are filled in for the entity, and a path that cannot be is left out alone', async () => {
    const { services } = testServices();
    const paths = ['id', 'name', 'metadata.team', 'metadata.none', 'metadata.bad', 'aliases.auth_userpass_1.name'];
    await services.policies.put('t', { raw: paths.map((one) => read(`s/{{identity.entity.${one}}}/*`)).join('\n') });
    const acl = await services.policies.acl({ policies: ['t'], entity });
    expect(['s/e-1/a', 's/joe/a', 's/blue/a', 's/joe@x/a'].map((path) => acl.capabilities(path))).toEqual(
      Array.from({ length: 4 }, () => ['read']),
    );
    expect(acl.capabilities('s/a/b*/a')).toEqual(['deny']);
    const nobody = await services.policies.acl({ policies: ['t'] });
    expect(nobody.capabilities('s/e-1/a')).toEqual(['deny']);
  });

  test('root stands alone', async () => {
    const { services } = testServices();
    expect((await services.policies.acl({ policies: ['root'] })).capabilities('x')).toEqual(['root']);
    await expect(services.policies.acl({ policies: ['root', 'a'] })).rejects.toThrow(
      'other policies present along with root',
    );
  });
});
