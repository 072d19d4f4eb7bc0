/**
 * The ways to a MySQL as the real server and ours go them, both to the same MariaDBs: over its socket, over TLS with
 * what the address or the configuration says of it, and with whoever shows another name; the same answers.
 */
import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { authorityFolder, type Issued, makeAuthority, removeFolder } from '../fixtures/authority.ts';
import { type MariaDb, startMariaDb } from '../fixtures/mariadb.ts';
import { type Data, onBothOf, orSkipped, type Side, startSides } from './side.ts';

let sides: Side[] = [];
const onBoth = onBothOf(() => sides, 60_000);
let folder = '';
const pem: Record<string, string> = {};
const at: Partial<Record<'plain' | 'named' | 'elsewhere', MariaDb>> = {};

/** The database runs as somebody else. */
async function readable(issued: Issued): Promise<Issued> {
  await chmod(dirname(issued.key), 0o755);
  await chmod(issued.key, 0o644);
  return issued;
}

beforeAll(
  () =>
    orSkipped(async () => {
      folder = await authorityFolder();
      const [own, other] = [await makeAuthority(folder, 'own'), await makeAuthority(folder, 'other')];
      [pem['own'], pem['other']] = [await own.pem(), await other.pem()];
      at.plain = await startMariaDb();
      at.named = await startMariaDb(await readable(await own.issue('named', 'DNS:localhost,IP:127.0.0.1')));
      at.elsewhere = await startMariaDb(await readable(await own.issue('elsewhere', 'DNS:db.example.com')));
      for (const server of Object.values(at)) await server.execute("ALTER USER root@localhost IDENTIFIED BY 'pw'");
      sides = await startSides();
      for (const side of sides) await side.call('POST', 'sys/mounts/database', { type: 'database' });
    }),
  300_000,
);

afterAll(async () => {
  for (const side of sides) await side.stop();
  for (const server of Object.values(at)) await server.stop();
  if (folder !== '') await removeFolder(folder);
});

const LOGIN = { plugin_name: 'mysql-database-plugin', username: 'root', password: 'pw' };

/** What the configuration is answered, as both sides say it. */
async function configured(place: string, settings: Data): Promise<string> {
  const seen: string[] = [];
  for (const side of sides) {
    const connection = { ...LOGIN, connection_url: `{{username}}:{{password}}@${place}`, ...settings };
    try {
      await side.call('POST', 'database/config/db', connection);
      seen.push('in');
    } catch (error) {
      seen.push((error as Error).message.replace(/^[\w:.]+: /, ''));
    }
    await side.call('DELETE', 'database/config/db');
  }
  expect(seen[1]).toBe(seen[0]);
  return seen[1]!;
}

const tcp = (server: MariaDb | undefined, rest = ''): string => `tcp(${server!.address})/${rest}`;
const byName = (place: string): string => place.replace('127.0.0.1', 'localhost');

const ways: [over: string, place: () => string, settings: () => Data, wanted: string][] = [
  ['TCP', () => tcp(at.plain), () => ({}), 'in'],
  ['its socket', () => `unix(${at.plain!.socket})/`, () => ({}), 'in'],
  ['a socket that is not there', () => `unix(${at.plain!.socket}x)/`, () => ({}), 'no such file'],
  ['a database that is not there', () => tcp(at.plain, 'nowhere'), () => ({}), 'Unknown database'],
  ['TLS, its authority known', () => tcp(at.named), () => ({ tls_ca: pem['own'] }), 'in'],
  ['TLS by its name', () => byName(tcp(at.named)), () => ({ tls_ca: pem['own'] }), 'in'],
  ['TLS, another authority known', () => tcp(at.named), () => ({ tls_ca: pem['other'] }), 'unknown authority'],
  ['TLS, the address of another', () => tcp(at.elsewhere), () => ({ tls_ca: pem['own'] }), 'x509'],
  ['TLS, the name of another', () => byName(tcp(at.elsewhere)), () => ({ tls_ca: pem['own'] }), 'is valid for'],
  [
    'TLS, the name that it shows asked for',
    () => tcp(at.elsewhere),
    () => ({ tls_ca: pem['own'], tls_server_name: 'db.example.com' }),
    'in',
  ],
  [
    'TLS, another name asked for',
    () => tcp(at.named),
    () => ({ tls_ca: pem['own'], tls_server_name: 'db.example.com' }),
    'is valid for',
  ],
  ['TLS unchecked', () => tcp(at.elsewhere), () => ({ tls_skip_verify: true }), 'in'],
  ['tls=true, its authority not known', () => tcp(at.named, '?tls=true'), () => ({}), 'unknown authority'],
  ['tls=skip-verify', () => tcp(at.elsewhere, '?tls=skip-verify'), () => ({}), 'in'],
  ['tls=preferred', () => tcp(at.elsewhere, '?tls=preferred'), () => ({}), 'in'],
  ['tls=false', () => tcp(at.elsewhere, '?tls=false'), () => ({}), 'in'],
  ['TLS where there is none', () => tcp(at.plain), () => ({ tls_ca: pem['own'] }), 'TLS'],
];
for (const [over, place, settings, wanted] of ways)
  onBoth(`over ${over}`, async () => expect(await configured(place(), settings())).toContain(wanted));
