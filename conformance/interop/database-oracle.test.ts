/** Users of Oracle, on a stand-in that speaks its protocol; upstream leaves it to a plugin that we have not. */
import oracledb from 'oracledb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openOracle, parseOracleAddress } from '../../host/databases/oracle.ts';
import { SERVICE, startOracle, type Oracle } from '../fixtures/oracle.ts';
import type { Data, Side } from './side.ts';
import { lender, lent } from './taken-back.ts';

let server: Oracle;
let bao: Side;

const connection = (more: Data = {}): Data => ({
  plugin_name: 'vault-plugin-database-oracle',
  connection_url: `{{username}}/{{password}}@//127.0.0.1:${server.port}/${SERVICE}`,
  username: 'system',
  password: 'boss',
  allowed_roles: '*',
  ...more,
});

const CREATION =
  'CREATE USER {{username}} IDENTIFIED BY "{{password}}"; GRANT CONNECT TO {{username}}; GRANT CREATE SESSION TO {{username}};';

beforeAll(async () => {
  server = await startOracle();
  bao = await lender('s', connection());
});
afterAll(async () => {
  await bao.stop();
  await server.kill();
});

const configured = (more: Data): Promise<unknown> => bao.call('POST', 'database/config/other', connection(more));
const revoke = (lease: string): Promise<Data> => bao.call('PUT', 'sys/leases/revoke', { lease_id: lease });

async function login(username: string, password: string): Promise<void> {
  const address = `${username}/${encodeURIComponent(password)}@127.0.0.1:${server.port}/${SERVICE}`;
  await (await openOracle({ kind: 'oracle', address, maxOpen: 0, maxLifetime: 0 })).ping();
}

test('an address is a login, a host and a service, with or without slashes before the host', () => {
  const target = { user: 'system', password: 'a/b@c', connectString: 'h:1521/ORCL' };
  for (const address of [
    'system/a%2Fb%40c@h:1521/ORCL',
    'system/a%2Fb%40c@//h:1521/ORCL',
    'oracle://system/a/b%40c@h:1521/ORCL?prefetch_rows=500',
  ]) {
    expect(parseOracleAddress(address)).toEqual(target);
  }
  expect(() => parseOracleAddress('a/%@h')).toThrow('invalid connection URL');
});

test('a configuration that makes no sense says why, and shows no password', async () => {
  await expect(configured({ connection_url: '' })).rejects.toThrow('connection_url cannot be empty');
  await expect(configured({ password: 'wrong!' })).rejects.toThrow(
    'error verifying connection: ORA-01017: invalid username/password; logon denied',
  );
  await expect(configured({ username: 'nobody' })).rejects.toThrow(
    'ORA-01017: invalid username/password; logon denied',
  );
  await expect(
    configured({ connection_url: `{{username}}/{{password}}@127.0.0.1:${server.port}/OTHER` }),
  ).rejects.toThrow('ORA-12514: TNS:listener does not currently know of service requested in connect descriptor');
  await expect(configured({ connection_url: '{{username}}/{{password}}@127.0.0.1:1/ORCL' })).rejects.toThrow(
    'ORA-12541: TNS:no listener',
  );
  await expect(configured({ username_template: '{{.Nope}}' })).rejects.toThrow('invalid username template');
});

test('a user has the rights of its role as long as it is lent; then its sessions end, and it goes', async () => {
  await bao.call('POST', 'database/roles/r', { db_name: 's', creation_statements: [CREATION] });
  const { username, password, lease } = await lent(bao, 'r');
  expect(username).toMatch(/^V_TOKEN_R_[A-Z0-9]{20}/);
  expect(username).toHaveLength(30);
  expect([...server.users.get(username)!.grants]).toEqual(['CONNECT', 'CREATE SESSION']);
  await login(username, password);
  await bao.call('PUT', 'sys/leases/renew', { lease_id: lease });
  const held = await oracledb.getConnection({
    user: username,
    password,
    connectString: `127.0.0.1:${server.port}/${SERVICE}`,
  });
  await revoke(lease);
  expect(server.told.filter((told) => told.startsWith('ALTER SYSTEM KILL SESSION'))).toHaveLength(1);
  expect(server.users.has(username)).toBe(false);
  await expect(held.ping()).rejects.toThrow('NJS-500');
  await expect(login(username, password)).rejects.toThrow('ORA-01017');
});

test('what failed is told, and what came before it lasts, as definitions do in Oracle', async () => {
  await bao.call('POST', 'database/roles/half', { db_name: 's', creation_statements: [CREATION, 'nonsense here'] });
  await expect(bao.call('GET', 'database/creds/half')).rejects.toThrow(
    'failed to execute query: ORA-00900: invalid SQL statement',
  );
  expect([...server.users.keys()].filter((name) => name.startsWith('V_TOKEN_HALF_'))).toHaveLength(1);
  await bao.call('POST', 'database/roles/none', { db_name: 's' });
  await expect(bao.call('GET', 'database/creds/none')).rejects.toThrow('empty creation statements');
});

test('statements of one’s own revoke, and sessions are left alone where that is said', async () => {
  await configured({ disconnect_sessions: false });
  await bao.call('POST', 'database/roles/own', {
    db_name: 'other',
    creation_statements: [CREATION],
    revocation_statements: ['DROP USER {{name}}'],
  });
  const { username, password, lease } = await lent(bao, 'own');
  const held = await oracledb.getConnection({
    user: username,
    password,
    connectString: `127.0.0.1:${server.port}/${SERVICE}`,
  });
  await expect(revoke(lease)).rejects.toThrow(
    'failed to execute query: ORA-01940: cannot drop a user that is currently connected',
  );
  await held.close();
  await revoke(lease);
  expect(server.users.has(username)).toBe(false);
});

test('a block that has semicolons of its own stays whole where nothing is split', async () => {
  await configured({ split_statements: false });
  const creation_statements = ['BEGIN one; two; END;'];
  await bao.call('POST', 'database/roles/block', { db_name: 'other', creation_statements });
  await expect(bao.call('GET', 'database/creds/block')).rejects.toThrow('ORA-00900');
  expect(server.told.at(-1)).toBe('BEGIN one; two; END;');
});

test('passwords of static roles and of the connection itself change', async () => {
  server.users.set('APP', { password: 'old', grants: new Set(['CONNECT']) });
  await expect(
    bao.call('POST', 'database/static-roles/gone', { db_name: 's', username: 'nobody', rotation_period: '1h' }),
  ).rejects.toThrow(
    String.raw`failed to change password: unable to execute query [ALTER USER {{username}} IDENTIFIED BY \"{{password}}\"]: ` +
      "ORA-01918: user 'NOBODY' does not exist",
  );
  await bao.call('POST', 'database/static-roles/s', { db_name: 's', username: 'app', rotation_period: '1h' });
  const first = await bao.call('GET', 'database/static-creds/s');
  await login('app', String(first['password']));
  await bao.call('POST', 'database/rotate-role/s');
  const second = await bao.call('GET', 'database/static-creds/s');
  expect(second['password']).not.toBe(first['password']);
  await login('app', String(second['password']));
  await bao.call('POST', 'database/rotate-root/s');
  await expect(login('system', 'boss')).rejects.toThrow('ORA-01017');
  await lent(bao, 'r');
});
