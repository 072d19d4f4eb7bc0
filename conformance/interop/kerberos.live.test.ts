/**
 * Kerberos logins: a real realm and a real OpenLDAP, with whose tickets curl and the program of 2.6.2 itself log in to the
 * real 2.6.2 and to ours; and tickets of a realm of ours, most of them wrong, shown to both. The answers are the same.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { encodeBase64 } from '../../core/codec/base64.ts';
import { KERBEROS, KERBEROS_OF_WINDOWS } from '../../core/codec/kerberos/negotiation.ts';
import { principalOf } from '../../core/codec/kerberos/principal.ts';
import { nodeCrypto } from '../../host/crypto.ts';
import { ifRelevant, pacFor, validationInfo } from '../../sim/services/kerberos-pac.ts';
import { KerberosRealm, type Shown } from '../../sim/services/kerberos-realm.ts';
import { inBase64, REALM, startKdc, type Kdc } from '../fixtures/kdc.ts';
import { startSlapd, type Slapd } from '../fixtures/slapd.ts';
import { baoProgram } from '../program.ts';
import { orSkipped, startSides, type Data, type Side } from './side.ts';

const run = promisify(execFile);
const SERVICE = 'HTTP/localhost';
/** Whose key changes. */
const TURNING = 'HTTP/127.0.0.1';
const SESSIONS = ['aes256-sha1', 'aes128-sha1', 'aes256-sha2', 'aes128-sha2'];

interface Places {
  readonly sides: readonly Side[];
  readonly kdc: Kdc;
  readonly directory: Slapd;
  readonly keytab: string;
  readonly program: string;
}

let places: Places | undefined;

beforeAll(async () => {
  places = await orSkipped(async () => {
    const kdc = await startKdc(['alice', 'bob', 'carol', 'bob/admin']);
    const directory = await startSlapd();
    const keytab = await inBase64(await kdc.keytab(SERVICE));
    return { kdc, directory, keytab, program: await baoProgram('2.6.2'), sides: await startSides('2.6.2') };
  });
}, 300_000);

afterAll(async () => {
  for (const side of places?.sides ?? []) await side.stop();
  await places?.directory.stop();
  await places?.kdc.stop();
});

beforeEach((context) => {
  // `orSkipped` has printed why.
  if (places === undefined) context.skip();
});

const TUNED = { passthrough_request_headers: 'Authorization', allowed_response_headers: 'www-authenticate' };

/** A fresh mount on both sides. */
async function mounted({ sides, directory }: Places, config: Data, ldap: Data = {}): Promise<void> {
  for (const side of sides) {
    await side.call('DELETE', 'sys/auth/kerberos');
    await side.call('POST', 'sys/auth/kerberos', { type: 'kerberos' });
    await side.call('POST', 'sys/auth/kerberos/tune', TUNED);
    await side.call('POST', 'auth/kerberos/config', config);
    const where = { userdn: 'ou=people,dc=example,dc=com', userattr: 'uid', groupdn: 'ou=groups,dc=example,dc=com' };
    await side.call('POST', 'auth/kerberos/config/ldap', { url: directory.url, ...where, ...ldap });
    await side.call('POST', 'auth/kerberos/groups/Devs', { policies: 'devs' });
  }
}

const canonical = (text: string): string =>
  text.replaceAll(/"(request_id|client_token|accessor|entity_id)":"[^"]*"/g, '"$1":""');

/** Of both, which have to be the same. */
async function same(places: Places, ask: (side: Side) => Promise<string>): Promise<string> {
  const answers = await Promise.all(places.sides.map(async (side) => canonical(await ask(side))));
  expect(answers[1]).toBe(answers[0]);
  return answers[0]!;
}

const byCurl = (places: Places, method = 'POST', host = 'localhost'): Promise<string> =>
  same(places, async (side) => {
    const url = `${side.address.replace('127.0.0.1', host)}/v1/auth/kerberos/login`;
    const { status, body } = await places.kdc.curl(method, url);
    return `${status} ${body}`;
  });

test('curl logs in with tickets of every kind, and its policies are those of its groups', async () => {
  const here = places!;
  const { kdc, keytab } = here;
  const config = { service_account: SERVICE, keytab, decode_pac: false };
  await mounted(here, config);
  for (const kind of SESSIONS) {
    await kdc.logIn('alice', kind);
    expect(await byCurl(here)).toContain('"policies":["default","devs"]');
  }
  // The keytab has all keys that there were, and a version says which one a ticket needs.
  for (const kind of [...SESSIONS, 'rc4-hmac', 'des3-cbc-sha1']) {
    const grown = await inBase64(await kdc.keytab(TURNING, kind));
    await mounted(here, { ...config, service_account: TURNING, keytab: grown });
    await kdc.logIn('alice');
    expect(await byCurl(here, 'POST', '127.0.0.1')).toContain('"policies":["default","devs"]');
  }
  await mounted(here, config);
  await kdc.logIn('bob');
  expect(await byCurl(here)).toContain('"policies":["default"]');
  expect(await byCurl(here, 'GET')).toBe('401 {"errors":["authentication required"]}\n');
  await kdc.logIn('carol');
  expect(await byCurl(here)).toMatch(/^200 /);
  await kdc.logIn('bob/admin');
  expect(await byCurl(here)).toContain('"user":"bob/admin"');
  // Such a realm adds a PAC that has no user in it.
  await mounted(here, { ...config, decode_pac: true });
  expect(await byCurl(here)).toMatch(/^401 .*Unauthorised/);
  await mounted(here, { ...config, keytab: await inBase64(await kdc.keytab('HTTP/other')) });
  expect(await byCurl(here)).toMatch(/^401 .*Unauthorised/);
  await mounted(here, { ...config, service_account: 'HTTP', remove_instance_name: true, add_group_aliases: true });
  expect(await byCurl(here)).toContain('"user":"bob/admin"');
}, 120_000);

test('what is wrong with the directory is told', async () => {
  const here = places!;
  const config = { service_account: SERVICE, keytab: here.keytab, decode_pac: false };
  await here.kdc.logIn('alice');
  const admin = { binddn: 'cn=admin,dc=example,dc=com', bindpass: 'adminpw' };
  const told = async (ldap: Data): Promise<string> => {
    await mounted(here, config, ldap);
    return byCurl(here);
  };
  expect(await told({ token_bound_cidrs: '10.0.0.0/8' })).toMatch(/^403/);
  expect(await told({ ...admin, bindpass: 'wrong' })).toMatch(/^500 .*LDAP bind failed/);
  expect(await told({ ...admin, userdn: 'ou=none,dc=example,dc=com' })).toMatch(/^500 .*unable to get user binddn/);
  expect(await told({ ...admin, userfilter: '(uid={{.X}})' })).toMatch(/^500 .*unable to get user binddn/);
  expect(await told({ groupfilter: '(uid=' })).toMatch(/^500 .*unable to get ldap groups/);
  expect(await told({ upndomain: 'OTHER' })).toMatch(/^400 .*doesn't match LDAP upndomain/);
  expect(await told({ url: 'ldap://127.0.0.1:1' })).toMatch(/^500 .*could not connect to LDAP/);
  expect(await told({ ...admin, token_ttl: '60s', token_policies: 'p', token_type: 'batch' })).toMatch(/^200/);
  expect(await told({ token_explicit_max_ttl: '50s', token_num_uses: 3 })).toMatch(/^200 .*TTL of/);
}, 60_000);

test('the program logs in with its keytab', async () => {
  const here = places!;
  const { kdc, program } = here;
  await mounted(here, { service_account: SERVICE, keytab: here.keytab, decode_pac: false });
  const path = await kdc.keytab('alice');
  const login = (change: Record<string, string>): Promise<string> =>
    same(here, async (side) => {
      const words = { username: 'alice', service: SERVICE, realm: REALM, keytab_path: path, ...change };
      const pairs = Object.entries({ ...words, krb5conf_path: kdc.settings }).map(
        ([name, value]) => `${name}=${value}`,
      );
      const env = { ...process.env, BAO_ADDR: side.address };
      const asked = run(program, ['login', '-no-store', '-format=json', '-method=kerberos', ...pairs], { env });
      const { stdout, stderr } = await asked.catch((error: { stdout: string; stderr: string }) => error);
      return (stdout + stderr)
        .replaceAll(side.address, 'ADDRESS')
        .replaceAll(/"(\w+)": "[^"]*"/g, (text, name) =>
          ['request_id', 'client_token', 'accessor', 'entity_id'].includes(name as string) ? `"${name}"` : text,
        );
    });
  await kdc.logIn('alice');
  expect(await login({})).toContain('"devs"');
  await kdc.keytab('HTTP/third');
  expect(await login({ service: 'HTTP/third' })).toContain('Code: 401');
  expect(await login({ username: 'nobody' })).toContain("couldn't log in");
}, 120_000);

const crypto = nodeCrypto();
const random = (length: number): Uint8Array =>
  Uint8Array.from(globalThis.crypto.getRandomValues(new Uint8Array(length)));
const now = (): number => Date.now() * 1_000;
const seconds = (minutes: number): number => Math.floor(Date.now() / 1_000) + minutes * 60;
const realmOf = (type: number): KerberosRealm =>
  new KerberosRealm(crypto, random, { realm: REALM, service: SERVICE, type });

const shown = (side: Side, token: string): Promise<string> =>
  fetch(`${side.address}/v1/auth/kerberos/login`, {
    method: 'POST',
    headers: { Authorization: `Negotiate ${token}` },
  }).then(
    async (answer) => `${answer.status} ${await answer.text()}`,
    () => 'broken',
  );

test.each([16, 17, 18, 19, 20, 23])(
  'tickets of kind %i, right and wrong, are taken and refused alike',
  async (type) => {
    const here = places!;
    const realm = realmOf(type);
    const checksum = { 17: 15, 18: 16, 23: -138 }[type];
    await mounted(here, { service_account: SERVICE, keytab: realm.keytab });
    const listed = (part: Shown['part']): Shown => ({ part: part! });
    const good: Record<string, Shown> = {
      plain: {},
      'no version': { version: 0 },
      'another service': { ticket: { service: principalOf('HTTP/elsewhere') } },
      'for tickets': { ticket: { service: principalOf('krbtgt/REALM') } },
      'no beginning': listed({ starts: undefined }),
      'begins soon': listed({ starts: seconds(4) }),
      'ended just now': listed({ ends: seconds(-4) }),
      'four minutes ago': { authenticator: { at: now() - 240e6 } },
      'in four minutes': { authenticator: { at: now() + 240e6 } },
      'this address': listed({ addresses: [{ type: 2, bytes: Uint8Array.of(127, 0, 0, 1) }] }),
      'unknown data': listed({ authorization: [{ type: 1, bytes: Uint8Array.of(1) }] }),
      'another realm of the client': { authenticator: { realm: 'ELSEWHERE' } },
      bare: { bare: true },
      'by its old name': { negotiation: { mechanisms: [KERBEROS_OF_WINDOWS, '1.2.3'] } },
      'goes on': { negotiation: { kind: 'goes on' } },
      ...(checksum === undefined
        ? {}
        : {
            PAC: listed({ authorization: pacFor(realm, checksum) }),
            'PAC of another': listed({ authorization: pacFor(realm, checksum, { validation: validationInfo('bob') }) }),
          }),
    };
    const bad: Record<string, Shown> = {
      'another version': { version: 4 },
      'another realm': { ticket: { realm: 'OTHER' } },
      'begins later': listed({ starts: seconds(6) }),
      'not valid': listed({ flags: Uint8Array.of(1, 0, 0, 0) }),
      ended: listed({ ends: seconds(-6) }),
      'too old': { authenticator: { at: now() - 320e6 } },
      'too new': { authenticator: { at: now() + 320e6 } },
      'somebody else': { authenticator: { client: principalOf('bob') } },
      'another address': listed({ addresses: [{ type: 2, bytes: Uint8Array.of(127, 0, 0, 2) }] }),
      'unknown key': listed({ key: { type: 3, value: new Uint8Array(8) } }),
      'another mechanism': { negotiation: { mechanisms: ['1.2.3', KERBEROS] } },
      'no message': { negotiation: { message: undefined } },
      'empty message': { negotiation: { message: new Uint8Array(0) } },
      'goes on, of nothing': { negotiation: { kind: 'goes on', mechanisms: [] } },
      'broken PAC': listed({ authorization: ifRelevant([{ type: 128, bytes: Uint8Array.of(1) }]) }),
      'PAC without a user': listed({ authorization: pacFor(realm, 16, { validation: undefined }) }),
      'PAC of another kind': listed({ authorization: pacFor(realm, 16, { server: Uint8Array.of(7, 0, 0, 0) }) }),
      'PAC cut off': listed({ authorization: pacFor(realm, 16, { validation: validationInfo().subarray(0, 100) }) }),
      'forged PAC': listed({ authorization: pacFor(realm, checksum ?? 16, { forged: true }) }),
    };
    for (const [status, all] of [['200', good] as const, ['401', bad] as const]) {
      for (const [name, change] of Object.entries(all)) {
        const token = realm.token('alice', now(), change);
        const answer = await same(here, (side) => shown(side, token));
        expect(`${name}: ${answer.slice(0, 3)}`).toBe(`${name}: ${status}`);
      }
    }
    const token = realm.token('alice', now());
    expect(await same(here, (side) => shown(side, token))).toMatch(/^200/);
    expect(await same(here, (side) => shown(side, token))).toMatch(/^401/);
  },
  60_000,
);

/** Taken, or not; 2.6.2 breaks the connection over some. */
const verdict = async (side: Side, token: string): Promise<string> =>
  (await shown(side, token)).startsWith('200') ? 'taken' : 'refused';

test('tickets with bent bytes are taken and refused alike', async () => {
  const here = places!;
  const realm = realmOf(18);
  await mounted(here, { service_account: SERVICE, keytab: realm.keytab });
  const verdicts = new Map<string, number>();
  for (let at = 0; at < 320; at++) {
    const bytes = Buffer.from(realm.token('alice', now(), at % 2 === 0 ? {} : { bare: true }), 'base64');
    const place = at < 260 ? at : bytes.length - 1 - (at - 260);
    bytes[place]! ^= 1 << (at % 8);
    const token = encodeBase64(new Uint8Array(bytes));
    const found = await same(here, (side) => verdict(side, token));
    verdicts.set(found, (verdicts.get(found) ?? 0) + 1);
  }
  expect(verdicts.get('taken') ?? 0).toBeGreaterThan(10);
  expect(verdicts.get('refused') ?? 0).toBeGreaterThan(100);
}, 120_000);
