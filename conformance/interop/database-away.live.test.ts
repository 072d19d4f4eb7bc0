/** A database that is away when a lease ends: the revocation waits for it. Against stand-ins that speak its protocol. */
import { expect, test } from 'vitest';
import { startMongoDb } from '../fixtures/mongodb.ts';
import { startMsSql } from '../fixtures/mssql.ts';
import { SERVICE, startOracle } from '../fixtures/oracle.ts';
import { lentAndTakenBack } from './taken-back.ts';

test('MongoDB: a user whose revocation found nobody is gone later', async () => {
  const server = await startMongoDb();
  const users = async (): Promise<readonly string[]> =>
    (await server.users()).map((name) => name.slice(name.indexOf('.') + 1));
  const connection = {
    connection_url: `mongodb://{{username}}:{{password}}@127.0.0.1:${server.port}/?serverSelectionTimeoutMS=500`,
    username: 'boss',
    password: 'boss',
  };
  const role = { creation_statements: ['{"roles":[{"role":"read"}]}'] };
  await lentAndTakenBack(server, 'mongodb-database-plugin', users, connection, role).finally(() => server.kill());
  expect(server.told.map((one) => Object.keys(one)[0])).toEqual(['createUser', 'dropUser']);
}, 120_000);

test('SQL Server: a login whose revocation found nobody is gone later', async () => {
  const server = await startMsSql();
  const connection = {
    connection_url: `sqlserver://{{username}}:{{password}}@127.0.0.1:${server.port}`,
    username: 'sa',
    password: 'boss',
  };
  const role = { creation_statements: ["CREATE LOGIN [{{name}}] WITH PASSWORD = '{{password}}'"] };
  const logins = () => server.logins();
  await lentAndTakenBack(server, 'mssql-database-plugin', logins, connection, role).finally(() => server.kill());
}, 120_000);

test('Oracle: a user whose revocation found nobody is gone later', async () => {
  const server = await startOracle();
  const connection = {
    connection_url: `{{username}}/{{password}}@//127.0.0.1:${server.port}/${SERVICE}`,
    username: 'system',
    password: 'boss',
  };
  const creation = 'CREATE USER {{username}} IDENTIFIED BY "{{password}}"';
  // What revoking takes away has to be there.
  const grants = ['GRANT CONNECT TO {{username}}', 'GRANT CREATE SESSION TO {{username}}'];
  const role = { creation_statements: [creation, ...grants] };
  const users = () => Promise.resolve([...server.users.keys()]);
  await lentAndTakenBack(server, 'vault-plugin-database-oracle', users, connection, role).finally(() => server.kill());
}, 120_000);
