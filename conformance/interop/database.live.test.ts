/**
 * The real server beside ours on the same real databases: the same requests, the same answers, and afterwards the same
 * users with the same rights in the database.
 */
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Exchange } from '../canonical.ts';
import { parseCase } from '../case.ts';
import { compareExchanges } from '../differ.ts';
import { startCassandra } from '../fixtures/cassandra.ts';
import { startInfluxDb } from '../fixtures/influxdb.ts';
import { startMariaDb } from '../fixtures/mariadb.ts';
import { startPostgres } from '../fixtures/postgres.ts';
import { startRedis } from '../fixtures/redis.ts';
import { play } from '../play.ts';
import { oursInProcess } from '../targets/ours.ts';
import { openTarget, type Target } from '../targets/target.ts';
import { orSkipped } from './side.ts';
import { lentAndTakenBack } from './taken-back.ts';

let real: Target;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  real = await openTarget('program:2.7.2', undefined);
}, 60_000);
afterAll(async () => {
  for (const stop of stops) await stop();
});

const started = <T extends { stop(): Promise<void> }>(start: () => Promise<T>): Promise<T | undefined> =>
  orSkipped(async () => {
    const server = await start();
    stops.push(() => server.stop());
    return server;
  });

/** What random names have in front of what is random. */
const plain = (text: string): string =>
  text.replace(/\b(v-[a-z]+(?:-[a-z]+)?|V_TOKEN_[A-Z]+|v_token_[a-z]+)[-_][A-Za-z0-9]+(?:[-_]\d+)?/g, '$1-*');

interface Played {
  readonly exchanges: readonly Exchange[];
  readonly state: unknown;
}

async function playBoth(
  name: string,
  known: Readonly<Record<string, string>>,
  prepare: () => Promise<void>,
  state: () => Promise<unknown>,
): Promise<void> {
  const text = readFileSync(new URL(`./database/${name}.case`, import.meta.url), 'utf8');
  const { steps } = parseCase(text, name);
  const played: Played[] = [];
  for (const target of [real, oursInProcess()]) {
    await prepare();
    const running = await target.start('dev');
    try {
      const exchanges = await play(target.name, running, steps, known);
      played.push({ exchanges: JSON.parse(plain(JSON.stringify(exchanges))) as Exchange[], state: await state() });
    } finally {
      await running.stop();
    }
  }
  const [theirs, ours] = played as [Played, Played];
  expect(compareExchanges(theirs.exchanges, ours.exchanges)).toEqual([]);
  expect(ours.exchanges.filter(({ status }) => status < 300).length).toBeGreaterThan(steps.length / 3);
  expect(ours.state).toEqual(theirs.state);
}

test('PostgreSQL: the same answers, the same roles with the same rights and ends', async (context) => {
  const server = await started(startPostgres);
  // `orSkipped` has printed why.
  if (server === undefined) return context.skip();
  const url = new URL(await server.database('app'));
  const execute = async (statement: string): Promise<unknown[][]> => {
    const client = new Client({ connectionString: url.href });
    await client.connect();
    const { rows } = await client.query<unknown[]>({ text: statement, rowMode: 'array' }).finally(() => client.end());
    return rows;
  };
  const users = `SELECT rolname FROM pg_roles WHERE rolname !~ '^(pg_|postgres$)'`;
  const prepare = async (): Promise<void> => {
    for (const [name] of await execute(users))
      await execute(`DROP OWNED BY "${String(name)}"; DROP ROLE "${String(name)}"`);
    await execute(`CREATE TABLE IF NOT EXISTS t(a int); CREATE ROLE root1 SUPERUSER LOGIN PASSWORD 'secret';
      CREATE ROLE u LOGIN PASSWORD 'x'; CREATE ROLE v LOGIN PASSWORD 'x'`);
  };
  const state = async (): Promise<unknown> => {
    const roles = await execute(`SELECT rolname, rolcanlogin, rolconnlimit, rolvaliduntil IS NOT NULL,
      left(rolpassword, 14), round(extract(epoch FROM rolvaliduntil - now()) / 60) FROM pg_authid WHERE rolname !~ '^pg_'`);
    const rights = await execute(`SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants
      WHERE table_name = 't'`);
    return [...roles, ...rights].map((row) => plain(row.join(' '))).sort();
  };
  await server.trustNobody();
  await playBoth('postgresql', { address: url.host }, prepare, state);
}, 120_000);

test('MariaDB: the same answers, the same users with the same rights', async (context) => {
  const server = await started(() => startMariaDb());
  // `orSkipped` has printed why.
  if (server === undefined) return context.skip();
  const prepare = async (): Promise<void> => {
    const users = await server.execute(`SELECT user, host FROM mysql.global_priv
      WHERE NOT (user IN ('root', 'mariadb.sys', 'mysql', 'PUBLIC'))`);
    for (const [user, host] of users) await server.execute(`DROP USER '${String(user)}'@'${String(host)}'`);
    for (const user of ['adm', 'old', 'mu']) await server.execute(`CREATE USER ${user}@'%' IDENTIFIED BY 'secret'`);
    await server.execute(
      `GRANT ALL ON *.* TO adm@'%' WITH GRANT OPTION; GRANT ALL ON *.* TO old@'%' WITH GRANT OPTION`,
    );
  };
  const state = async (): Promise<unknown> => {
    const users = await server.execute(`SELECT user, host, JSON_VALUE(priv, '$.access') FROM mysql.global_priv`);
    return users.map((row) => plain(row.join(' '))).sort();
  };
  await playBoth('mariadb', { address: server.address }, prepare, state);
}, 120_000);

test('Redis: the same answers, the same users with the same rules', async (context) => {
  const server = await started(startRedis);
  // `orSkipped` has printed why.
  if (server === undefined) return context.skip();
  const names = async (): Promise<string[]> => JSON.parse((await server.execute(['ACL', 'USERS']))[0]!) as string[];
  const prepare = async (): Promise<void> => {
    for (const name of await names()) if (name !== 'default') await server.execute(['ACL', 'DELUSER', name]);
    for (const name of ['adm', 'second', 'app'])
      await server.execute(['ACL', 'SETUSER', name, 'on', '>secret', '~*', '&*', '+@all']);
    await server.execute(['ACL', 'SETUSER', 'weak', 'on', '>secret', '+@all', '-acl']);
  };
  const state = async (): Promise<unknown> => {
    const users = JSON.parse((await server.execute(['ACL', 'LIST']))[0]!) as string[];
    return users.map((user) => plain(user).replace(/#[0-9a-f]{64}/g, '#')).sort();
  };
  await playBoth('redis', { port: String(server.port) }, prepare, state);
}, 120_000);

test('InfluxDB: the same answers, the same users with the same rights', async (context) => {
  const server = await started(startInfluxDb);
  // `orSkipped` has printed why.
  if (server === undefined) return context.skip();
  const prepare = async (): Promise<void> => {
    for (const [user] of await server.execute('SHOW USERS'))
      if (user !== 'boss') await server.execute(`DROP USER "${String(user)}"`);
    await server.execute(`CREATE DATABASE app`);
    await server.execute(`CREATE USER adm WITH PASSWORD 'secret' WITH ALL PRIVILEGES`);
    await server.execute(`CREATE USER joe WITH PASSWORD 'secret'`);
  };
  const state = async (): Promise<unknown> => {
    const users: string[] = [];
    for (const row of await server.execute('SHOW USERS')) {
      const rights = await server.execute(`SHOW GRANTS FOR "${String(row[0])}"`);
      users.push(plain([...row, ...rights.flat()].join(' ')));
    }
    return users.sort();
  };
  await playBoth('influxdb', { port: String(server.port) }, prepare, state);
}, 120_000);

test('Cassandra: the same answers, the same roles with the same rights; one whose revocation found nobody is gone later', async (context) => {
  const server = await started(startCassandra);
  // `orSkipped` has printed why.
  if (server === undefined) return context.skip();
  const names = async (): Promise<string[]> => (await server.execute('LIST ROLES')).map(([name]) => name!);
  const prepare = async (): Promise<void> => {
    for (const name of await names())
      if (!['boss', 'cassandra'].includes(name)) await server.execute(`DROP ROLE '${name}'`);
    for (const name of ['adm', 'second']) await server.execute(`CREATE USER ${name} WITH PASSWORD 'secret' SUPERUSER`);
    for (const name of ['maker', 'weak', 'app']) await server.execute(`CREATE USER ${name} WITH PASSWORD 'secret'`);
    await server.execute('GRANT ALL ON ALL ROLES TO maker');
  };
  const state = async (): Promise<unknown> => {
    const rows = [...(await server.execute('LIST ROLES')), ...(await server.execute('LIST ALL'))];
    // Who makes a role is given all rights on it, in the order of names.
    return rows.map((row) => plain(row.join(' '))).sort();
  };
  await playBoth('cassandra', { port: String(server.port) }, prepare, state);
  await prepare();
  await lentAndTakenBack(server, 'cassandra-database-plugin', names, {
    hosts: '127.0.0.1',
    port: server.port,
    username: 'adm',
    password: 'secret',
    protocol_version: 4,
    consistency: 'ONE',
    connect_timeout: '2s',
  });
}, 600_000);
