/** As much of SQL as users need: to make, change and drop them, and to ask whether they are there. */
import { parseRfc3339 } from '../../core/codec/rfc3339.ts';
import type { DatabaseStatement, Micros } from '../../core/runtime.ts';

export interface ToyUser {
  readonly password: string;
  /** Wall; from then on nobody logs in with it. */
  readonly until?: Micros;
}

export type ToyUsers = Map<string, ToyUser>;

/** What the database says to a statement that it cannot do. */
export class ToySqlError extends Error {}

const none: string[][] = [];

/** The rows. Throws ToySqlError. */
export function runToySql(users: ToyUsers, [text, ...values]: DatabaseStatement): string[][] {
  const sql = (text ?? '').trim().replace(/;$/, '');
  const [verb = ''] = sql.toUpperCase().split(/\s+/, 1);
  if (verb === 'GRANT' || verb === 'REVOKE') return none;
  if (verb === 'SELECT') return answer(users, sql, values[0] ?? '');
  const found = /^(CREATE|ALTER|DROP) (?:ROLE|USER) (IF EXISTS )?"([^"]+)"(.*)$/is.exec(sql);
  if (found === null)
    throw new ToySqlError(`ERROR: syntax error at or near "${sql.split(/\s/, 1)[0]}" (SQLSTATE 42601)`);
  const [, , ifExists, name, rest] = found as unknown as [string, string, string | undefined, string, string];
  const old = users.get(name);
  if (verb === 'CREATE' && old !== undefined) {
    throw new ToySqlError(`ERROR: role "${name}" already exists (SQLSTATE 42710)`);
  }
  if (verb !== 'CREATE' && old === undefined) {
    if (ifExists !== undefined) return none;
    throw new ToySqlError(`ERROR: role "${name}" does not exist (SQLSTATE 42704)`);
  }
  if (verb === 'DROP') users.delete(name);
  else users.set(name, changed(old ?? { password: '' }, rest));
  return none;
}

function changed(old: ToyUser, words: string): ToyUser {
  const password = /PASSWORD '([^']*)'/i.exec(words)?.[1] ?? old.password;
  const written = /VALID UNTIL '([^']*)'/i.exec(words)?.[1];
  const until = written === undefined ? old.until : parseRfc3339(written.replace(' ', 'T').replace('+0000', 'Z'));
  return until === undefined ? { password } : { password, until };
}

function answer(users: ToyUsers, sql: string, name: string): string[][] {
  if (sql.includes('pg_roles')) return [[users.has(name) ? 't' : 'f']];
  if (sql.includes('current_database')) return [['app']];
  return none;
}
