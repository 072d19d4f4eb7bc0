/** How far a database's log has come, as PostgreSQL prints it: `0/16B3748`. */
import { failure } from '../../fault.ts';
import type { Sql } from './sql.ts';

const FORM = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i;

/** In bytes of the log, which are counted exactly up to 8 PiB; undefined for what is none. */
export function orderOfLsn(text: string): number | undefined {
  const [, high, low] = FORM.exec(text) ?? [];
  return high === undefined ? undefined : Number((BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`));
}

export const LSN_QUERY =
  'SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::varchar';

/** What the database has written, or a replica of it has replayed. */
export async function currentLsn(sql: Sql): Promise<string> {
  const value = (await sql.query(LSN_QUERY)).rows[0]?.[0];
  if (typeof value !== 'string') throw failure('the database does not say how far it has come');
  return value;
}
