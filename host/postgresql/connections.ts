/** The server's own PostgreSQL, for `core/storage/postgresql`. */
import type { PoolClient } from 'pg';
import { StorageFailed } from '../../core/fault.ts';
import type { SqlAnswer, SqlConnections, SqlSession, SqlValue } from '../../core/storage/postgresql/sql.ts';
import { bufferOf, plain } from '../bytes.ts';
import { parseAddress } from '../databases/postgresql-address.ts';
import { breaksConnection, isRefusal, PostgresPool, refusal } from '../databases/postgresql-pool.ts';
import { optionalPackage } from '../optional-package.ts';

export interface ConnectionTerms {
  readonly max: number;
  readonly maxIdle?: number;
}

export interface HostConnections extends SqlConnections {
  close(): Promise<void>;
}

/** Rejects with MissingPackage, or DatabaseError for an address that makes no sense. */
export async function openConnections(address: string, terms: ConnectionTerms): Promise<HostConnections> {
  const { Pool } = await optionalPackage('pg', 'storage "postgresql"', async () => (await import('pg')).default);
  const pool = new PostgresPool(Pool, parseAddress(address), terms);
  return {
    async query(text, ...values) {
      const session = await take(pool);
      try {
        return await session.query(text, ...values);
      } finally {
        session.release();
      }
    },
    session: () => take(pool),
    close: () => pool.end(),
  };
}

async function take(pool: PostgresPool): Promise<SqlSession> {
  let client: PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw new StorageFailed(worded(error));
  }
  let broken = false;
  return {
    async query(text, ...values) {
      try {
        return await ask(client, text, values);
      } catch (error) {
        broken ||= breaksConnection(error);
        throw new StorageFailed(isRefusal(error) ? refusal(error) : worded(error));
      }
    },
    release: () => pool.release(client, broken),
  };
}

async function ask(client: PoolClient, text: string, values: readonly SqlValue[]): Promise<SqlAnswer> {
  const { rows, rowCount, command } = await client.query<(string | Buffer | null)[]>({
    text,
    values: values.map((value) => (value instanceof Uint8Array ? bufferOf(value) : value)),
    rowMode: 'array',
  });
  return {
    rows: rows.map((row) => row.map((value) => (Buffer.isBuffer(value) ? plain(value) : value))),
    changed: rowCount ?? 0,
    command,
  };
}

function worded(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message === 'Connection terminated unexpectedly') return 'unexpected EOF';
  return message.startsWith('Client has encountered a connection error') ? 'conn closed' : message;
}
