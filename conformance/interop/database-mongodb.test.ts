/** Users of MongoDB, on a stand-in that speaks its protocol; upstream leaves it to a plugin that we have not. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMongoDb, type MongoDb } from '../fixtures/mongodb.ts';
import { openMongodb } from '../../host/databases/mongodb.ts';
import type { Data, Side } from './side.ts';
import { lender, lent } from './taken-back.ts';

let server: MongoDb;
let bao: Side;

const connection = (more: Data = {}): Data => ({
  plugin_name: 'mongodb-database-plugin',
  connection_url: `mongodb://{{username}}:{{password}}@127.0.0.1:${server.port}/admin?serverSelectionTimeoutMS=1000`,
  username: 'boss',
  password: 'boss',
  allowed_roles: '*',
  ...more,
});

beforeAll(async () => {
  server = await startMongoDb();
  bao = await lender('m', connection());
});
afterAll(async () => {
  await bao.stop();
  await server.kill();
});

const configured = (more: Data): Promise<unknown> => bao.call('POST', 'database/config/other', connection(more));

async function login(username: string, password: string, database = 'admin'): Promise<void> {
  const address = `mongodb://${username}:${password}@127.0.0.1:${server.port}/${database}`;
  const opened = await openMongodb({ kind: 'mongodb', address, maxOpen: 0, maxLifetime: 0 });
  await opened.ping().finally(() => opened.close());
}

test('a configuration that makes no sense says why, and shows no password', async () => {
  await expect(configured({ connection_url: '' })).rejects.toThrow('connection_url cannot be empty');
  await expect(configured({ password: 'wrong!' })).rejects.toThrow(
    /failed to verify connection: .*\(AuthenticationFailed\) Authentication failed\./,
  );
  await expect(configured({ write_concern: 'zzz' })).rejects.toThrow(
    "error unmarshalling write_concern: invalid character 'z'",
  );
  await expect(configured({ tls_ca: 'x' })).rejects.toThrow('failed to append CA to client options');
  await expect(configured({ connection_url: 'http://wrong!', password: 'wrong!' })).rejects.toThrow(
    'error parsing uri: scheme must be',
  );
  await expect(configured({ connection_url: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100' })).rejects.toThrow(
    'failed to verify connection: server selection error: dial tcp 127.0.0.1:1: connect: connection refused',
  );
});

test('a user has the roles of its role, can log in as long as it is lent, and is dropped with majority', async () => {
  const creation = { db: 'app', roles: [{ role: 'readWrite' }, { role: 'read', db: 'foo' }] };
  await bao.call('POST', 'database/roles/r', {
    db_name: 'm',
    creation_statements: [JSON.stringify(creation)],
    revocation_statements: [JSON.stringify({ db: 'app' })],
  });
  const { username, password, lease } = await lent(bao, 'r');
  expect(username).toMatch(/^v-token-r-[A-Za-z0-9]{20}-\d+$/);
  expect(server.roles(`app.${username}`)).toEqual(['readWrite', 'read@foo']);
  await login(username, password, 'app');
  await bao.call('PUT', 'sys/leases/renew', { lease_id: lease });
  await bao.call('PUT', 'sys/leases/revoke', { lease_id: lease });
  expect(await server.users()).not.toContain(`app.${username}`);
  await expect(login(username, password, 'app')).rejects.toThrow('Authentication failed');
  expect(server.told.at(-1)).toEqual({ dropUser: username, $db: 'app', writeConcern: { w: 'majority' } });
});

test('without a database it is admin, a user that is gone already is no trouble, and a write concern is kept', async () => {
  const concern = { wmode: 'majority', wtimeout: 5000, j: true };
  await configured({ write_concern: Buffer.from(JSON.stringify(concern)).toString('base64') });
  await bao.call('POST', 'database/roles/a', {
    db_name: 'other',
    creation_statements: ['{"roles":[{"role":"read"}]}'],
  });
  const { username, lease } = await lent(bao, 'a');
  expect(server.roles(`admin.${username}`)).toEqual(['read']);
  await bao.call('POST', 'database/roles/a', { revocation_statements: ['{"db":"elsewhere"}'] });
  await bao.call('PUT', 'sys/leases/revoke', { lease_id: lease });
  expect(server.told.at(-1)).toEqual({
    dropUser: username,
    $db: 'elsewhere',
    writeConcern: { w: 'majority', j: true, wtimeout: 5000 },
  });
});

test.each<[creation: string[], why: string]>([
  [[], 'empty creation statements'],
  [['zzz'], "invalid character 'z' looking for beginning of value"],
  [['{"db":"app"}'], 'roles array is required in creation statement'],
])('a role with %j makes nobody', async (creation, why) => {
  await bao.call('POST', 'database/roles/bad', { db_name: 'm', creation_statements: creation });
  await expect(bao.call('GET', 'database/creds/bad')).rejects.toThrow(why);
});

test('more than one revocation statement revokes nobody', async () => {
  await bao.call('POST', 'database/roles/two', {
    db_name: 'm',
    creation_statements: ['{"roles":[{"role":"read"}]}'],
    revocation_statements: ['{}', '{}'],
  });
  const { lease } = await lent(bao, 'two');
  await expect(bao.call('PUT', 'sys/leases/revoke', { lease_id: lease })).rejects.toThrow(
    'expected 0 or 1 revocation statements, got 2',
  );
});

test('passwords of static roles and of the connection itself change', async () => {
  const boss = await openMongodb({
    kind: 'mongodb',
    address: `mongodb://boss:boss@127.0.0.1:${server.port}/admin`,
    maxOpen: 0,
    maxLifetime: 0,
  });
  await boss.run([['admin', 'createUser', 'app', '{"pwd":"old","roles":[]}']], { transaction: false });
  await boss.close();
  await expect(
    bao.call('POST', 'database/static-roles/gone', { db_name: 'm', username: 'nobody', rotation_period: '1h' }),
  ).rejects.toThrow('(UserNotFound) User nobody@admin not found');
  await bao.call('POST', 'database/static-roles/s', { db_name: 'm', username: 'app', rotation_period: '1h' });
  const { password } = await bao.call('GET', 'database/static-creds/s');
  await login('app', String(password));
  await bao.call('POST', 'database/rotate-role/s');
  await expect(login('app', String(password))).rejects.toThrow('Authentication failed');
  await bao.call('POST', 'database/rotate-root/m');
  await expect(login('boss', 'boss')).rejects.toThrow('Authentication failed');
  await bao.call('POST', 'database/roles/after', {
    db_name: 'm',
    creation_statements: ['{"roles":[{"role":"read"}]}'],
  });
  await lent(bao, 'after');
});
