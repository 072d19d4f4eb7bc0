/** MySQL and MariaDB through `mysql2`; complaints are worded as Go's driver words them. */
import { connect, type Socket } from 'node:net';
import type { Pool, PoolConnection, PoolOptions } from 'mysql2/promise';
import {
  DatabaseError,
  type Database,
  type DatabaseSpec,
  type DatabaseStatement,
  type OutgoingTls,
} from '../../core/runtime.ts';
import { goText } from '../audit-outlets.ts';
import { dialError, splitHostPort, undialable } from '../network.ts';
import { tlsComplaint } from '../outgoing-tls.ts';
import { ownRoots } from '../system-roots.ts';
import { driver } from './databases.ts';
import { parseMysqlAddress, type MysqlTarget } from './mysql-address.ts';

export async function openMysql(spec: DatabaseSpec): Promise<Database> {
  const { createPool } = await driver('mysql2', () => import('mysql2/promise'));
  const target = parseMysqlAddress(spec.address);
  const pool: Pool = createPool({
    user: target.user,
    password: target.password,
    ...(target.database === '' ? {} : { database: target.database }),
    ...(target.timeout > 0 ? { connectTimeout: target.timeout / 1_000 } : {}),
    ...wayTo(target, spec.tls ?? ownTls[target.tls]),
    connectionLimit: spec.maxOpen > 0 ? spec.maxOpen : 100,
    ...(spec.maxLifetime > 0 ? { idleTimeout: spec.maxLifetime / 1_000 } : {}),
  });
  const failed = (error: unknown): DatabaseError => {
    if (error instanceof Error && 'errno' in error && 'sqlState' in error && typeof error.sqlState === 'string') {
      return new DatabaseError(`Error ${String(error.errno)} (${error.sqlState}): ${error.message}`);
    }
    return new DatabaseError(handshakeComplaint(error) ?? dialled(error, target));
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

const ownTls: Readonly<Record<MysqlTarget['tls'], OutgoingTls | undefined>> = {
  none: undefined,
  verified: {},
  unverified: { skipVerify: true },
};

/** Throws DatabaseError for networks and ports that are none. */
function wayTo({ network, address }: MysqlTarget, tls: OutgoingTls | undefined): PoolOptions {
  if (network === 'unix') return { socketPath: address, ...(tls === undefined ? {} : { ssl: sslOf(tls) }) };
  const wrong = undialable(network, address);
  if (wrong !== undefined) throw new DatabaseError(wrong);
  const { host, port } = splitHostPort(address);
  if (tls === undefined) return { host, port };
  const name = tls.serverName ?? host;
  return { host: name, port, stream: () => known(connect({ host, port }), name), ssl: sslOf(tls) };
}

/** Whom the certificate has to be for: Node asks the connection, where no name can be sent because it is an address. */
const known = (socket: Socket, name: string): Socket => Object.assign(socket, { _host: name });

function sslOf({ ca = ownRoots().pem, certificate, key, skipVerify }: OutgoingTls): NonNullable<PoolOptions['ssl']> {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: skipVerify !== true,
    verifyIdentity: skipVerify !== true,
  };
}

/** The driver puts a code of its own in the place of Node's; the words of both stay, perhaps with advice behind them. */
const CODES = [
  ['Hostname/IP does not match', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['unable to verify the first certificate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['unable to get local issuer certificate', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  ['certificate has expired', 'CERT_HAS_EXPIRED'],
  ['certificate is not yet valid', 'CERT_NOT_YET_VALID'],
] as const;

function handshakeComplaint(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return 'TLS requested but server does not support TLS';
  if (code !== 'HANDSHAKE_SSL_ERROR') return undefined;
  const known = CODES.find(([words]) => (error as Error).message.startsWith(words));
  return known && tlsComplaint(Object.assign(error as Error, { code: known[1] }));
}

const dialled = (error: unknown, { network, address }: MysqlTarget): string =>
  network === 'unix' ? `dial unix ${address}: ${goText(error)}` : dialError(error, address).message;
