/** PostgreSQL as other people's database, through `pg`. */
import type { PoolClient } from 'pg';
import { DatabaseError, type Database, type DatabaseSpec, type DatabaseStatement } from '../../core/runtime.ts';
import { driver } from './databases.ts';
import { parseAddress } from './postgresql-address.ts';
import { breaksConnection, isRefusal, PostgresPool, refusal } from './postgresql-pool.ts';

export async function openPostgresql(spec: DatabaseSpec): Promise<Database> {
  const { Pool } = await driver('pg', async () => (await import('pg')).default);
  const pool = new PostgresPool(Pool, parseAddress(spec.address), {
    max: spec.maxOpen > 0 ? spec.maxOpen : 100,
    ...(spec.maxLifetime > 0 ? { maxLifetimeSeconds: spec.maxLifetime / 1_000_000 } : {}),
    ...(spec.tls?.ca === undefined ? {} : { ca: spec.tls.ca }),
  });
  return {
    async ping() {
      pool.release(await pool.connect(), false);
    },
    async run(statements, { transaction }) {
      const client = await pool.connect();
      let broken = false;
      try {
        return await runAll(client, statements, transaction);
      } catch (error) {
        broken = breaksConnection(error);
        if (isRefusal(error)) throw new DatabaseError(refusal(error));
        throw new DatabaseError(error instanceof Error ? error.message : String(error));
      } finally {
        pool.release(client, broken);
      }
    },
    close: () => pool.end(),
  };
}

async function runAll(client: PoolClient, statements: readonly DatabaseStatement[], transaction: boolean) {
  const all: string[][][] = [];
  if (transaction) await client.query('begin');
  try {
    for (const [text, ...values] of statements) {
      const query = { text: text!, values, rowMode: 'array' as const };
      // With parameters there can be only one statement in a text, without them many.
      const answer = await client.query<unknown[]>(values.length > 0 ? query : { text: text!, rowMode: 'array' });
      const last = Array.isArray(answer) ? (answer.at(-1) as typeof answer) : answer;
      all.push((last?.rows ?? []).map((row) => row.map(String)));
    }
    if (transaction) await client.query('commit');
  } catch (error) {
    if (transaction) await client.query('rollback').catch(() => undefined);
    throw error;
  }
  return all;
}
