/** Logins of SQL Server, on a stand-in that speaks its protocol; upstream leaves it to a plugin that we have not. */
import * as tedious from 'tedious';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMssql } from '../../host/databases/mssql.ts';
import { startMsSql, type MsSql } from '../fixtures/mssql.ts';
import type { Data, Side } from './side.ts';
import { lender, lent } from './taken-back.ts';

let server: MsSql;
let bao: Side;

const connection = (more: Data = {}): Data => ({
  plugin_name: 'mssql-database-plugin',
  connection_url: `sqlserver://{{username}}:{{password}}@127.0.0.1:${server.port}`,
  username: 'sa',
  password: 'boss',
  allowed_roles: '*',
  ...more,
});

const CREATION =
  "CREATE LOGIN [{{name}}] WITH PASSWORD = '{{password}}'; USE [app]; CREATE USER [{{name}}] FOR LOGIN [{{name}}]; " +
  'GRANT SELECT ON SCHEMA::dbo TO [{{name}}];';

beforeAll(async () => {
  server = await startMsSql();
  bao = await lender('s', connection());
});
afterAll(async () => {
  await bao.stop();
  await server.kill();
});

const configured = (more: Data): Promise<unknown> => bao.call('POST', 'database/config/other', connection(more));

async function login(username: string, password: string): Promise<void> {
  const address = `sqlserver://${username}:${password}@127.0.0.1:${server.port}`;
  const opened = await openMssql({ kind: 'mssql', address, maxOpen: 0, maxLifetime: 0 });
  await opened.ping().finally(() => opened.close());
}

/** Stays logged in; gives when that ends. */
async function sessionOf(userName: string, password: string): Promise<{ readonly ended: Promise<void> }> {
  const session = new tedious.Connection({
    server: '127.0.0.1',
    authentication: { type: 'default', options: { userName, password } },
    options: { port: server.port, encrypt: false },
  });
  session.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => session.on('end', resolve));
  await new Promise<void>((resolve, reject) =>
    session.connect((error) => (error === undefined ? resolve() : reject(error))),
  );
  return { ended };
}

const revoke = (lease: string): Promise<Data> => bao.call('PUT', 'sys/leases/revoke', { lease_id: lease });

test('a configuration that makes no sense says why, and shows no password', async () => {
  await expect(configured({ connection_url: '' })).rejects.toThrow('connection_url cannot be empty');
  await expect(configured({ password: 'wrong!' })).rejects.toThrow(
    "error verifying connection: mssql: login error: Login failed for user 'sa'.",
  );
  await expect(configured({ connection_url: 'sqlserver://127.0.0.1:1' })).rejects.toThrow(
    "unable to open tcp connection with host '127.0.0.1:1': dial tcp 127.0.0.1:1: connect: connection refused",
  );
});

test('words with semicolons are an address too', async () => {
  const words = `server=127.0.0.1;port=${server.port};user id={{username}};password={{password}};database=app`;
  await configured({ connection_url: words });
});

test('a login has the rights of its role as long as it is lent; then it goes with its users and sessions', async () => {
  await bao.call('POST', 'database/roles/r', { db_name: 's', creation_statements: [CREATION] });
  const { username, password, lease } = await lent(bao, 'r');
  expect(username).toMatch(/^v-token-r-[A-Za-z0-9]{20}-\d+$/);
  expect(server.state.users).toContain(`app.${username}`);
  expect(server.state.grants).toContain(`SELECT ON SCHEMA::dbo TO [${username}]`);
  await login(username, password);
  await bao.call('PUT', 'sys/leases/renew', { lease_id: lease });
  const { ended } = await sessionOf(username, password);
  await revoke(lease);
  await ended;
  expect(await server.logins()).not.toContain(username);
  expect(server.state.users).not.toContain(`app.${username}`);
  await expect(login(username, password)).rejects.toThrow('Login failed');
});

test('what was made before a statement failed is taken back', async () => {
  const before = await server.logins();
  await bao.call('POST', 'database/roles/half', { db_name: 's', creation_statements: [CREATION, 'nonsense here'] });
  await expect(bao.call('GET', 'database/creds/half')).rejects.toThrow("mssql: Incorrect syntax near 'nonsense'.");
  await bao.call('POST', 'database/roles/none', { db_name: 's' });
  await expect(bao.call('GET', 'database/creds/none')).rejects.toThrow('empty creation statements');
  expect(await server.logins()).toEqual(before);
});

test('statements of one’s own revoke, all of them, and say what failed', async () => {
  await bao.call('POST', 'database/roles/own', {
    db_name: 's',
    creation_statements: [CREATION],
    revocation_statements: ['nonsense; DROP LOGIN [{{name}}]'],
  });
  const { username, lease } = await lent(bao, 'own');
  await expect(revoke(lease)).rejects.toThrow("mssql: Incorrect syntax near 'nonsense'.");
  expect(await server.logins()).not.toContain(username);
});

test('a contained database has users alone', async () => {
  await configured({ contained_db: true, username_template: 'u_{{.RoleName}}_{{random 4}}' });
  await bao.call('POST', 'database/roles/c', {
    db_name: 'other',
    creation_statements: ["CREATE USER [{{name}}] WITH PASSWORD = '{{password}}'"],
  });
  const { username, lease } = await lent(bao, 'c');
  expect(username).toMatch(/^u_c_\w{4}$/);
  expect(server.state.users).toContain(`master.${username}`);
  await revoke(lease);
  expect(server.state.users).not.toContain(`master.${username}`);
});

test('passwords of static roles and of the connection itself change', async () => {
  const admin = await openMssql({
    kind: 'mssql',
    address: `sqlserver://sa:boss@127.0.0.1:${server.port}`,
    maxOpen: 0,
    maxLifetime: 0,
  });
  await admin.run([["CREATE LOGIN [app] WITH PASSWORD = 'old'"]], { transaction: false });
  await admin.close();
  await expect(
    bao.call('POST', 'database/static-roles/gone', { db_name: 's', username: 'nobody', rotation_period: '1h' }),
  ).rejects.toThrow("failed to execute query: mssql: Cannot alter the login 'nobody'");
  await bao.call('POST', 'database/static-roles/s', { db_name: 's', username: 'app', rotation_period: '1h' });
  const { password } = await bao.call('GET', 'database/static-creds/s');
  await login('app', String(password));
  await bao.call('POST', 'database/rotate-root/s');
  await expect(login('sa', 'boss')).rejects.toThrow('Login failed');
  await lent(bao, 'r');
});
