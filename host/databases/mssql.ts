/** SQL Server through `tedious`; complaints are worded as Go's driver words them. */
import type { Connection, ConnectionConfiguration } from 'tedious';
import { DatabaseError, type Database, type DatabaseSpec, type DatabaseStatement } from '../../core/runtime.ts';
import { dialError } from '../network.ts';
import { driver } from './databases.ts';
import { parseMssqlAddress, type MssqlTarget } from './mssql-address.ts';

type Driver = typeof import('tedious');

const CONNECT_MILLIS = 15_000;

/** One connection a use: users are changed too seldom for keeping any. */
export async function openMssql(spec: DatabaseSpec): Promise<Database> {
  const tds = await driver('tedious', async () => (await import('tedious')).default);
  const target = parseMssqlAddress(spec.address);
  const using = async <T>(body: (connection: Connection) => Promise<T>): Promise<T> => {
    const connection = await connect(tds, target);
    try {
      return await body(connection);
    } catch (error) {
      throw new DatabaseError(`mssql: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      connection.close();
    }
  };
  return {
    ping: () => using(() => Promise.resolve()),
    run: (statements, { transaction }) => using((connection) => runAll(tds, connection, statements, transaction)),
    close: () => Promise.resolve(),
  };
}

function connect(tds: Driver, target: MssqlTarget): Promise<Connection> {
  const { host, port, instance, user, password, database, encrypt, trust } = target;
  const config: ConnectionConfiguration = {
    server: host,
    authentication: { type: 'default', options: { userName: user, password } },
    options: {
      ...(instance === '' ? { port } : { instanceName: instance }),
      ...(database === '' ? {} : { database }),
      encrypt,
      trustServerCertificate: trust,
      connectTimeout: CONNECT_MILLIS,
      requestTimeout: 0,
    },
  };
  const connection = new tds.Connection(config);
  return new Promise((resolve, reject) => {
    // What breaks later is told to the request that is under way.
    connection.on('error', () => undefined);
    connection.connect((error) => (error === undefined ? resolve(connection) : reject(notConnected(error, target))));
  });
}

function notConnected(error: Error, { host, port }: MssqlTarget): DatabaseError {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ELOGIN') return new DatabaseError(`mssql: login error: ${error.message}`, { away: true });
  const why = dialError(first(error), `${host}:${port}`).message;
  return new DatabaseError(`unable to open tcp connection with host '${host}:${port}': ${why}`, { away: true });
}

/** What it began with; of several addresses that were tried, the first one's. */
function first(error: unknown): unknown {
  if (error instanceof AggregateError) return first(error.errors[0]);
  return error instanceof Error && error.cause !== undefined ? first(error.cause) : error;
}

async function runAll(
  tds: Driver,
  connection: Connection,
  statements: readonly DatabaseStatement[],
  transaction: boolean,
): Promise<string[][][]> {
  const all: string[][][] = [];
  if (transaction) await query(tds, connection, ['BEGIN TRANSACTION']);
  try {
    for (const statement of statements) all.push(await query(tds, connection, statement));
    if (transaction) await query(tds, connection, ['COMMIT TRANSACTION']);
  } catch (error) {
    if (transaction) await query(tds, connection, ['ROLLBACK TRANSACTION']).catch(() => undefined);
    throw error;
  }
  return all;
}

/** Parameters are @p1, @p2 … */
function query(tds: Driver, connection: Connection, [text, ...values]: DatabaseStatement): Promise<string[][]> {
  return new Promise((resolve, reject) => {
    const rows: string[][] = [];
    const request = new tds.Request(text, (error) => {
      if (error instanceof Error) reject(error);
      else resolve(rows);
    });
    request.on('row', (columns: { value: unknown }[]) => rows.push(columns.map(({ value }) => String(value))));
    values.forEach((value, at) => request.addParameter(`p${at + 1}`, tds.TYPES.NVarChar, value));
    if (values.length === 0) connection.execSqlBatch(request);
    else connection.execSql(request);
  });
}
