import { describe, expect, test } from 'vitest';
import { mountForTest } from '../../framework/testing.ts';
import { openldap } from './openldap.ts';

const mounted = () => mountForTest(openldap);
const CONFIG = { binddn: 'cn=admin', bindpass: 'secret', userdn: 'ou=people' };
const DELETION = 'dn: uid={{.Username}}\nchangetype: delete\n';

// Texts and quirks as seen on 2.6.2.
describe('the secrets engine for directories', () => {
  test('never shows the bind password', async () => {
    const mount = mounted();
    await mount.write('config', CONFIG);
    const { data } = await mount.read('config');
    expect(data).toMatchObject({ binddn: 'cn=admin', userattr: 'cn', schema: 'openldap', request_timeout: 90 });
    expect(JSON.stringify(data)).not.toContain('secret');
  });

  test('files its configuration where the real server looks for it', async () => {
    const mount = mounted();
    await mount.write('config', { ...CONFIG, password_policy: 'p' });
    const stored = String.fromCharCode(...((await mount.context.storage.get('config')) ?? []));
    expect(stored).toMatch(/^\{"LDAP":\{"url":"ldap:\/\/127\.0\.0\.1","userdn":"ou=people",.*"schema":"openldap"\},/);
  });

  test.each([
    [{}, 'cannot derive UserBindDN'],
    [{ ...CONFIG, schema: 'x' }, 'the configured schema x is not valid. Supported schemas: [openldap racf ad]'],
    [{ ...CONFIG, schema: '' }, 'schema is required'],
    [{ ...CONFIG, password_policy: 'p', length: 3 }, "cannot set both 'password_policy' and 'length'"],
    [{ ...CONFIG, tls_max_version: 'x' }, "invalid 'tls_max_version'"],
  ])('refuses the configuration %j', async (body, text) => {
    expect(await mounted().write('config', body)).toEqual({ status: 500, errors: [text] });
  });

  test('files a role under its name as it was sent, and finds it in lower case', async () => {
    const mount = mounted();
    const body = { creation_ldif: 'dn: cn=x\na: b', deletion_ldif: DELETION };
    expect(await mount.write('role/Up', body)).toEqual({ status: 204 });
    expect((await mount.list('role')).data).toEqual({ keys: ['Up'] });
    expect((await mount.read('role/Up')).status).toBe(404);
  });

  test('takes no LDIF that cannot be carried out', async () => {
    const refused = await mounted().write('role/r', { creation_ldif: 'dn: x\nfoo', deletion_ldif: DELETION });
    expect(refused.errors).toEqual([
      'invalid creation_ldif: LDIF is invalid: Error in line 3: Missing : in line `foo`',
    ]);
  });
});
