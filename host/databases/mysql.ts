/** MySQL and MariaDB through `mysql2`; complaints are worded as Go's driver words them. */
import type { Pool, PoolConnection, PoolOptions } from 'mysql2/promise';
import { DatabaseError, type Database, type DatabaseSpec, type DatabaseStatement } from '../../core/runtime.ts';
import { dialError } from '../network.ts';
import { driver } from './databases.ts';

/** `user:password@tcp(host:port)/database?key=value`; neither of the first two need be there. */
const SOURCE = /^(?:(.*)@)?(?:(\w+)(?:\((.*)\))?)?\/([^/?]*)(?:\?(.*))?$/s;

export async function openMysql(spec: DatabaseSpec): Promise<Database> {
  const { createPool } = await driver('mysql2', () => import('mysql2/promise'));
  const source = parseSource(spec.address);
  const pool: Pool = createPool({
    ...source,
    ...(spec.tls === undefined ? {} : { ssl: tlsOf(spec.tls) }),
    connectionLimit: spec.maxOpen > 0 ? spec.maxOpen : 100,
    ...(spec.maxLifetime > 0 ? { idleTimeout: spec.maxLifetime / 1_000 } : {}),
  });
  const failed = (error: unknown): DatabaseError => {
    if (error instanceof Error && 'errno' in error && 'sqlState' in error && typeof error.sqlState === 'string') {
      return new DatabaseError(`Error ${String(error.errno)} (${error.sqlState}): ${error.message}`);
    }
    return new DatabaseError(dialError(error, source.socketPath ?? `${source.host}:${source.port}`).message);
  };
  const using = async <T>(body: (connection: PoolConnection) => Promise<T>): Promise<T> => {
    let connection: PoolConnection | undefined;
    try {
      connection = await pool.getConnection();
      return await body(connection);
    } catch (error) {
      throw failed(error);
    } finally {
      connection?.release();
    }
  };
  return {
    ping: () => using((connection) => connection.ping().then(() => undefined)),
    run: (statements, { transaction }) => using((connection) => runAll(connection, statements, transaction)),
    close: () => pool.end(),
  };
}

async function runAll(connection: PoolConnection, statements: readonly DatabaseStatement[], transaction: boolean) {
  const all: string[][][] = [];
  if (transaction) await connection.beginTransaction();
  try {
    for (const [sql, ...values] of statements) {
      const [rows] = await connection.query({ sql: sql!, values, rowsAsArray: true });
      all.push(Array.isArray(rows) ? (rows as unknown[][]).map((row) => row.map(String)) : []);
    }
    if (transaction) await connection.commit();
  } catch (error) {
    if (transaction) await connection.rollback().catch(() => undefined);
    throw error;
  }
  return all;
}

function parseSource(address: string): PoolOptions & { host: string; port: number; socketPath?: string } {
  const found = SOURCE.exec(address);
  if (found === null) throw new DatabaseError('unable to parse connectionURL: invalid DSN');
  const [, login = '', network = 'tcp', place = '', database = ''] = found;
  const colon = login.indexOf(':');
  const user = colon < 0 ? login : login.slice(0, colon);
  const [host = '', port = '3306'] = place === '' ? ['127.0.0.1'] : place.split(':');
  return {
    user,
    password: colon < 0 ? '' : login.slice(colon + 1),
    host,
    port: Number(port),
    ...(network === 'unix' ? { socketPath: place } : {}),
    ...(database === '' ? {} : { database }),
  };
}

const tlsOf = ({ ca, certificate, key, skipVerify }: NonNullable<DatabaseSpec['tls']>) => ({
  ...(ca === undefined ? {} : { ca }),
  ...(certificate === undefined ? {} : { cert: certificate }),
  ...(key === undefined ? {} : { key }),
  rejectUnauthorized: skipVerify !== true,
});
