/** The same requests to the real 2.6.2 and to ours, each beside an OpenLDAP of its own with the same entries: the same answers. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSlapd, type Slapd } from '../fixtures/slapd.ts';
import { oursInProcess } from '../targets/ours.ts';
import { realProgram } from '../targets/program.ts';
import type { Running } from '../targets/target.ts';
import { orSkipped } from './side.ts';

interface Place {
  readonly server: Running;
  readonly directory: Slapd;
}

const places: Place[] = [];

beforeAll(
  () =>
    orSkipped(async () => {
      for (const target of [await realProgram('2.6.2'), oursInProcess()]) {
        const directory = await startSlapd();
        places.push({ directory, server: await target.start('dev') });
      }
    }),
  300_000,
);

afterAll(async () => {
  for (const { server, directory } of places) {
    await server.stop();
    await directory.stop();
  }
});

/** Without what no two servers have in common. */
const canonical = (text: string, { directory }: Place): string =>
  text
    .replaceAll(directory.url, 'URL')
    .replaceAll(/"(request_id|client_token|accessor|entity_id|lease_id|last_vault_rotation)":"[^"]*"/g, '"$1":""')
    .replaceAll(/"(last_)?password":"[^"]+"/g, '"$1password":"…"')
    .replaceAll(/"(ttl|lease_duration)":\d+/g, '"$1":0')
    .replaceAll(/v_token_\w+/g, 'NAME');

const CREATION = `dn: uid={{.Username}},ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: {{.Username}}
cn: {{.Username}}
sn: x
userPassword: {{.Password}}
`;
const DELETION = 'dn: uid={{.Username}},ou=people,dc=example,dc=com\nchangetype: delete\n';
const PEOPLE = 'ou=people,dc=example,dc=com';
const ADMIN = { binddn: 'cn=admin,dc=example,dc=com', bindpass: 'adminpw' };

const requests: readonly (readonly [method: string, path: string, body?: object])[] = [
  ['POST', 'sys/auth/ldap', { type: 'ldap' }],
  ['POST', 'auth/ldap/config', { url: 'URL', userdn: PEOPLE, userattr: 'uid', groupdn: 'ou=groups,dc=example,dc=com' }],
  ['POST', 'auth/ldap/groups/devs', { policies: 'p' }],
  ['POST', 'auth/ldap/login/alice', { password: 'alicepw' }],
  ['POST', 'auth/ldap/login/bob', { password: 'bobpw' }],
  ['POST', 'auth/ldap/login/bob', { password: 'wrong' }],
  ['POST', 'auth/ldap/config', ADMIN],
  ['POST', 'auth/ldap/login/a*', { password: 'alicepw' }],
  ['POST', 'auth/ldap/login/alice', { password: 'alicepw' }],
  ['POST', 'auth/ldap/config', { groupfilter: '(member=x' }],
  ['POST', 'auth/ldap/login/alice', { password: 'alicepw' }],
  ['POST', 'auth/ldap/config', { starttls: true }],
  ['POST', 'auth/ldap/login/alice', { password: 'alicepw' }],
  ['POST', 'sys/mounts/ldap', { type: 'ldap' }],
  ['POST', 'ldap/config', { url: 'URL', userdn: PEOPLE, userattr: 'uid', ...ADMIN }],
  ['GET', 'ldap/config'],
  ['POST', 'ldap/static-role/svc', { username: 'svc1', rotation_period: '1h' }],
  ['POST', 'ldap/static-role/none', { username: 'none', rotation_period: '1h' }],
  ['POST', 'ldap/rotate-role/svc'],
  ['GET', 'ldap/static-cred/svc'],
  ['POST', 'ldap/rotate-root'],
  ['POST', 'ldap/library/set', { service_account_names: 'svc1,svc2' }],
  ['POST', 'ldap/library/set', { service_account_names: 'svc2' }],
  ['POST', 'ldap/library/set/check-out'],
  ['POST', 'ldap/library/set/check-out'],
  ['POST', 'ldap/library/set/check-in'],
  ['GET', 'ldap/library/set/status'],
  ['POST', 'ldap/role/app', { creation_ldif: CREATION, deletion_ldif: DELETION, default_ttl: '1h' }],
  ['GET', 'ldap/creds/app'],
  ['POST', 'ldap/role/bad', { creation_ldif: CREATION, deletion_ldif: DELETION, username_template: 'bob' }],
  ['GET', 'ldap/creds/bad'],
  ['PUT', 'sys/leases/revoke-prefix/ldap/creds/app'],
];

test('logins, roles and the library answer as 2.6.2 on the same directory', async (context) => {
  // `orSkipped` has printed why.
  if (places.length < 2) return context.skip();
  const seen = await Promise.all(
    places.map(async (place) => {
      const answers: string[] = [];
      for (const [method, path, body] of requests) {
        const response = await fetch(`${place.server.addresses[0]!}/v1/${path}`, {
          method,
          headers: { 'X-Vault-Token': place.server.token },
          ...(body === undefined ? {} : { body: JSON.stringify(body).replaceAll('"URL"', `"${place.directory.url}"`) }),
        });
        answers.push(`${method} ${path}: ${response.status} ${canonical(await response.text(), place)}`);
      }
      return answers;
    }),
  );
  expect(seen[1]).toEqual(seen[0]);
}, 120_000);
