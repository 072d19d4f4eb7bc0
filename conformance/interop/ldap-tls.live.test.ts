/**
 * TLS to a directory as the real 2.6.2 and ours do it, both with the same OpenLDAPs: `ldaps` and StartTLS, who signed
 * the server's certificate and for which name, certificates of the client, versions; the same answers.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { authorityFolder, type Issued, makeAuthority, removeFolder } from '../fixtures/authority.ts';
import { startSlapd, type Slapd } from '../fixtures/slapd.ts';
import { type Data, onBothOf, orSkipped, type Side, startSides } from './side.ts';

const PEOPLE = 'ou=people,dc=example,dc=com';
const ADMIN = { binddn: 'cn=admin,dc=example,dc=com', bindpass: 'adminpw' };

let sides: Side[] = [];
const onBoth = onBothOf(() => sides, 60_000);
let folder = '';

/** By what is said of them in the scenes. */
const pem: Record<string, string> = {};
const at: Partial<Record<'open' | 'strict' | 'late' | 'elsewhere', Slapd>> = {};

const read = async ({ certificate, key }: Issued): Promise<{ client_tls_cert: string; client_tls_key: string }> => ({
  client_tls_cert: await readFile(certificate, 'utf8'),
  client_tls_key: await readFile(key, 'utf8'),
});
const clients: Record<string, Data> = {};

beforeAll(
  () =>
    orSkipped(async () => {
      folder = await authorityFolder();
      const [own, other] = [await makeAuthority(folder, 'own'), await makeAuthority(folder, 'other')];
      [pem['own'], pem['other']] = [await own.pem(), await other.pem()];
      const server = await own.issue('server', 'DNS:localhost,IP:127.0.0.1');
      clients['known'] = await read(await own.issue('client', 'DNS:client'));
      clients['stranger'] = await read(await other.issue('stranger', 'DNS:stranger'));
      at.open = await startSlapd(server);
      at.strict = await startSlapd({ ...server, clients: own.path });
      at.late = await startSlapd(await own.issue('late', 'DNS:localhost,IP:127.0.0.1', -1));
      at.elsewhere = await startSlapd(await own.issue('elsewhere', 'DNS:ldap.example.com,IP:127.0.0.2'));
      sides = await startSides('2.6.2');
      for (const side of sides) await side.call('POST', 'sys/auth/ldap', { type: 'ldap' });
    }),
  300_000,
);

afterAll(async () => {
  for (const side of sides) await side.stop();
  for (const directory of Object.values(at)) await directory.stop();
  if (folder !== '') await removeFolder(folder);
});

/** Without ports, and without what chance says of a certificate's time. */
const canonical = (text: string): string =>
  text
    .replace(/^[\w:.]+: /, '')
    .replaceAll(/(127\.0\.0\.1|localhost):\d+/g, '$1:PORT')
    .replaceAll(/current time \S+ is after \S+Z/g, 'current time NOW is after THEN');

/** What a login says of the directory with these settings, as both sides say it. */
async function login(settings: Data): Promise<string> {
  const seen: string[] = [];
  for (const side of sides) {
    await side.call('DELETE', 'sys/auth/ldap');
    await side.call('POST', 'sys/auth/ldap', { type: 'ldap' });
    try {
      await side.call('POST', 'auth/ldap/config', { userdn: PEOPLE, userattr: 'uid', ...settings });
      await side.call('POST', 'auth/ldap/login/alice', { password: 'alicepw' });
      seen.push('in');
    } catch (error) {
      seen.push(canonical((error as Error).message));
    }
  }
  expect(seen[1]).toBe(seen[0]);
  return seen[1]!;
}

const named = (url: string): string => url.replace('127.0.0.1', 'localhost');

const logins: [over: string, settings: () => Data, wanted: string][] = [
  ['ldaps, its authority known', () => ({ url: at.open!.secureUrl, certificate: pem['own'] }), 'in'],
  ['ldaps by its name', () => ({ url: named(at.open!.secureUrl), certificate: pem['own'] }), 'in'],
  ['ldaps, its authority not known', () => ({ url: at.open!.secureUrl }), 'unknown authority'],
  [
    'ldaps, another authority known',
    () => ({ url: at.open!.secureUrl, certificate: pem['other'] }),
    'unknown authority',
  ],
  ['ldaps, unchecked', () => ({ url: at.open!.secureUrl, insecure_tls: true }), 'in'],
  ['ldaps, with StartTLS too', () => ({ url: at.open!.secureUrl, certificate: pem['own'], starttls: true }), 'in'],
  ['StartTLS, its authority known', () => ({ url: at.open!.url, certificate: pem['own'], starttls: true }), 'in'],
  ['StartTLS, its authority not known', () => ({ url: at.open!.url, starttls: true }), 'unknown authority'],
  ['StartTLS, unchecked', () => ({ url: at.open!.url, insecure_tls: true, starttls: true }), 'in'],
  ['an ended certificate', () => ({ url: at.late!.secureUrl, certificate: pem['own'] }), 'has expired'],
  ['an ended certificate, unchecked', () => ({ url: at.late!.secureUrl, insecure_tls: true }), 'in'],
  ['the address of another', () => ({ url: at.elsewhere!.secureUrl, certificate: pem['own'] }), 'is valid for'],
  ['the name of another', () => ({ url: named(at.elsewhere!.secureUrl), certificate: pem['own'] }), 'is valid for'],
  [
    'StartTLS, the name of another',
    () => ({ url: named(at.elsewhere!.url), certificate: pem['own'], starttls: true }),
    'is valid for',
  ],
  [
    'a client that shows its certificate',
    () => ({ url: at.strict!.secureUrl, certificate: pem['own'], ...clients['known'] }),
    'in',
  ],
  [
    'a client that shows its certificate after StartTLS',
    () => ({ url: at.strict!.url, certificate: pem['own'], starttls: true, ...clients['known'] }),
    'in',
  ],
  ['a client without a certificate', () => ({ url: at.strict!.secureUrl, certificate: pem['own'] }), 'error'],
  [
    'a client without a certificate after StartTLS',
    () => ({ url: at.strict!.url, certificate: pem['own'], starttls: true }),
    'error',
  ],
  [
    'TLS 1.3 alone',
    () => ({
      url: at.open!.secureUrl,
      certificate: pem['own'],
      tls_min_version: 'tls13',
      tls_max_version: 'tls13',
    }),
    'in',
  ],
  [
    'TLS 1.3 alone, a client without a certificate',
    () => ({
      url: at.strict!.secureUrl,
      certificate: pem['own'],
      tls_min_version: 'tls13',
      tls_max_version: 'tls13',
    }),
    'error',
  ],
  ['no TLS where there is nothing else', () => ({ url: at.open!.secureUrl.replace('ldaps', 'ldap') }), 'error'],
  ['TLS where there is none', () => ({ url: at.open!.url.replace('ldap', 'ldaps') }), 'error'],
  [
    'the second address where the first is not trusted',
    () => ({ url: `${at.elsewhere!.secureUrl},${at.open!.secureUrl}`, certificate: pem['own'] }),
    'in',
  ],
];
for (const [over, settings, wanted] of logins) {
  onBoth(`a login over ${over}`, async () => expect(await login(settings())).toContain(wanted));
}

onBoth("a client with a stranger's certificate is refused by both, each in its way", async () => {
  const settings = { url: at.strict?.secureUrl, certificate: pem['own'], ...clients['stranger'] };
  for (const side of sides) {
    await side.call('POST', 'auth/ldap/config', { userdn: PEOPLE, userattr: 'uid', ...settings });
    await expect(side.call('POST', 'auth/ldap/login/alice', { password: 'alicepw' })).rejects.toThrow('400');
  }
});

onBoth('passwords are changed over TLS with certificates on both ends', async () => {
  for (const side of sides) {
    const config = { url: at.strict!.url, starttls: true, certificate: pem['own'], ...clients['known'], ...ADMIN };
    await side.call('POST', 'sys/mounts/ldap', { type: 'ldap' });
    await side.call('POST', 'ldap/config', { userdn: PEOPLE, userattr: 'uid', ...config });
    await side.call('POST', 'ldap/static-role/svc', { username: 'svc1', rotation_period: '1h' });
    const first = await side.call('GET', 'ldap/static-cred/svc');
    await side.call('POST', 'ldap/rotate-role/svc');
    const second = await side.call('GET', 'ldap/static-cred/svc');
    expect(second['last_password']).toBe(first['password']);
    await side.call('POST', 'auth/ldap/config', { userdn: PEOPLE, userattr: 'uid', ...config });
    await side.call('POST', 'auth/ldap/login/svc1', { password: second['password'] });
    await side.call('DELETE', 'sys/mounts/ldap');
  }
});
