import { expect, test } from 'vitest';
import type { JsonObject } from '../../../codec/json.ts';
import { fakeRuntime } from '../../../framework/testing.ts';
import { DatabaseError, SECOND, type DatabaseSpec, type DatabaseStatement } from '../../../runtime.ts';
import { cassandra } from './cassandra.ts';

const DETAILS = { hosts: 'one,two', username: 'adm', password: 'secret' };
const NAME = { displayName: 'token', roleName: 'r-1' };

/** A Cassandra that writes down what it is told, and refuses what `wrong` matches. */
function world(details: JsonObject = {}, wrong = /^$/) {
  const told: string[] = [];
  const opened: DatabaseSpec[] = [];
  const run = (statements: readonly DatabaseStatement[]) => {
    const [[text = '']] = statements as readonly [DatabaseStatement];
    told.push(text);
    if (wrong.test(text)) return Promise.reject(new DatabaseError(`not authorized: ${text.split(' ')[0]!}`));
    return Promise.resolve([[]]);
  };
  const databases = {
    open(spec: DatabaseSpec) {
      opened.push(spec);
      return { ping: () => Promise.resolve(), run, close: () => Promise.resolve() };
    },
  };
  return { told, opened, plugin: cassandra({ ...DETAILS, ...details }, { ...fakeRuntime(), databases }) };
}

const user = (statements: readonly string[], rollback: readonly string[] = []) => ({
  name: NAME,
  statements,
  rollback,
  password: 'pw',
  expires: 0,
});

test('the session is what the settings say, and is opened once', async () => {
  const { opened, plugin, told } = world({
    port: '9043',
    consistency: 'local_one',
    local_datacenter: 'dc2',
    connect_timeout: '2s',
    insecure_tls: true,
    tls_min_version: 'tls13',
  });
  await plugin.verify();
  await plugin.verify();
  const settings = { port: 9043, protocol: 2, consistency: 'LOCAL_ONE', datacenter: 'dc2', timeout: 2 * SECOND };
  expect(opened).toEqual([
    {
      kind: 'cassandra',
      address: 'one,two',
      login: { username: 'adm', password: 'secret' },
      maxOpen: 0,
      maxLifetime: 0,
      tls: { minVersion: 'TLSv1.3', skipVerify: true },
      cassandra: settings,
    },
  ]);
  expect(told).toEqual(['LIST ALL']);
});

test('a version of TLS called like a member of every object is none', () => {
  expect(() => world({ tls_min_version: 'constructor' })).toThrow(
    'failed to initialize: unrecognized TLS version [constructor]',
  );
});

test('users are made, changed and dropped by the usual statements where a role has none', async () => {
  const { told, plugin } = world({ skip_verification: true });
  const username = await plugin.newUser(user([]));
  expect(username).toMatch(/^v_token_r_1_[a-z0-9]{20}_\d+$/);
  await plugin.updateUser({ username, password: { value: 'new', statements: [] }, expires: { at: 0, statements: [] } });
  await plugin.deleteUser(username, []);
  expect(told).toEqual([
    `CREATE USER '${username}' WITH PASSWORD 'pw' NOSUPERUSER`,
    `ALTER USER '${username}' WITH PASSWORD 'new'`,
    `DROP USER IF EXISTS '${username}'`,
  ]);
});

test('what failed halfway is rolled back, and what could not be is told', async () => {
  const { told, plugin } = world({ skip_verification: true }, /^(GRANT|UNDO)/);
  const creation = ["CREATE USER '{{username}}'; GRANT x TO {{username}}"];
  await expect(plugin.newUser(user(creation))).rejects.toThrow(/^not authorized: GRANT$/);
  expect(told.map((text) => text.split(' ')[0])).toEqual(['CREATE', 'GRANT', 'DROP']);
  await expect(plugin.newUser(user(creation, ['UNDO {{username}}']))).rejects.toThrow(
    /2 errors occurred:\n\t\* not authorized: GRANT\n\t\* failed to roll back user v_token_\w+: not authorized: UNDO\n/,
  );
});

test('one who may not see all permissions has to be allowed to create roles', async () => {
  const { told, plugin } = world({}, /^LIST ALL$/);
  await expect(plugin.verify()).rejects.toThrow(
    'failed to initialize: error verifying connection: error validating connection info: No role create permissions found, previous error: not authorized: LIST',
  );
  expect(told).toEqual(['LIST ALL', "LIST CREATE ON ALL ROLES OF 'adm';"]);
});
