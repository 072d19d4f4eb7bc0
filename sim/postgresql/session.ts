/** One connection's statements, and the transaction that it is in. */
import type { Micros } from '../../core/runtime.ts';
import { LSN_QUERY } from '../../core/storage/postgresql/lsn.ts';
import {
  LOCK_SECONDS,
  lockStatements,
  type SqlAnswer,
  type SqlValue,
  statements,
} from '../../core/storage/postgresql/sql.ts';
import type { OrderedMap } from '../../core/storage/ordered.ts';
import { type LockRow, Refused, type RowDatabase, serialization } from './database.ts';
import type { RowLocks } from './row-locks.ts';

export const TABLE = 'openbao_kv_store';
export const LOCK_TABLE = 'openbao_ha_locks';

const store = statements(TABLE);
const locking = lockStatements(LOCK_TABLE);
const TTL: Micros = LOCK_SECONDS * 1_000_000;

interface Transaction {
  readonly rows: OrderedMap<Uint8Array>;
  readonly since: number;
  readonly writes: Map<string, Uint8Array | undefined>;
  failed: boolean;
}

const READ_ONLY = 'ERROR: cannot execute statement in a read-only transaction (SQLSTATE 25006)';
const ABORTED =
  'ERROR: current transaction is aborted, commands ignored until end of transaction block (SQLSTATE 25P02)';

const done = (command: string, changed = 0, rows: SqlAnswer['rows'] = []): SqlAnswer => ({ command, changed, rows });
const nameOf = (path: SqlValue, key: SqlValue): string => String(path).slice(1) + String(key);

export class Session {
  readonly #database: RowDatabase;
  readonly #locks: RowLocks<Session>;
  readonly #wall: () => Micros;
  #transaction: Transaction | undefined;
  #ended = false;

  constructor(database: RowDatabase, locks: RowLocks<Session>, wall: () => Micros) {
    this.#database = database;
    this.#locks = locks;
    this.#wall = wall;
  }

  /** Rejects with Refused. */
  async run(text: string, values: readonly SqlValue[]): Promise<SqlAnswer> {
    if (text.startsWith('BEGIN')) return this.#begin();
    if (text === 'COMMIT' || text === 'ROLLBACK') return this.#end(text === 'COMMIT');
    if (this.#transaction?.failed === true) throw new Refused(ABORTED);
    try {
      return await this.#statement(text, values);
    } catch (error) {
      if (this.#transaction !== undefined) this.#transaction.failed = true;
      throw error;
    }
  }

  /** The connection is gone: what was not committed never was. */
  close(): void {
    this.#ended = true;
    this.#transaction = undefined;
    this.#locks.release(this);
  }

  #begin(): SqlAnswer {
    const { rows, position } = this.#database;
    this.#transaction = { rows: rows.fork(), since: position, writes: new Map(), failed: false };
    return done('BEGIN');
  }

  #end(commit: boolean): SqlAnswer {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    const good = commit && transaction?.failed === false;
    if (good && transaction.writes.size > 0) this.#database.commit([...transaction.writes]);
    this.#locks.release(this);
    return done(good ? 'COMMIT' : 'ROLLBACK');
  }

  #statement(text: string, values: readonly SqlValue[]): SqlAnswer | Promise<SqlAnswer> {
    const [first = '', second = '', third = '', fourth] = values;
    switch (text) {
      case store.get:
        return this.#get(nameOf(first, second));
      case store.put:
        return this.#write(nameOf(second, third), fourth as Uint8Array);
      case store.delete:
        return this.#write(nameOf(first, second), undefined);
      case LSN_QUERY:
        return done('SELECT', 1, [[lsn(this.#database.position)]]);
      case locking.value:
      case locking.check:
      case locking.take:
      case locking.renew:
      case locking.release:
        return this.#lock(text, values.map(String));
      default:
        return this.#list(text, values);
    }
  }

  get #rows(): OrderedMap<Uint8Array> {
    return this.#transaction?.rows ?? this.#database.rows;
  }

  #get(name: string): SqlAnswer {
    const value = this.#rows.get(name);
    return value === undefined ? done('SELECT') : done('SELECT', 1, [[value]]);
  }

  #list(text: string, [folder = '', ...more]: readonly SqlValue[]): SqlAnswer {
    for (const after of [false, true])
      for (const limited of [false, true]) {
        if (text !== store.list(after, limited)) continue;
        const page = {
          ...(after ? { after: String(more[0]) } : {}),
          ...(limited ? { limit: Number(more.at(-1)) } : {}),
        };
        const names = this.#rows.list(String(folder).slice(1), page);
        return done(
          'SELECT',
          names.length,
          names.map((name) => [name]),
        );
      }
    throw new Refused(`ERROR: syntax error at or near "${text.split(/\s/, 1)[0]}" (SQLSTATE 42601)`);
  }

  async #write(name: string, value: Uint8Array | undefined): Promise<SqlAnswer> {
    if (this.#database.readOnly) throw new Refused(READ_ONLY);
    await this.#locks.take(name, this);
    const transaction = this.#transaction;
    if (this.#ended) this.#locks.release(this);
    else if (transaction === undefined) {
      this.#database.commit([[name, value]]);
      this.#locks.release(this);
    } else {
      if (this.#database.changedSince(name, transaction.since)) throw serialization();
      transaction.writes.set(name, value);
      if (value === undefined) transaction.rows.delete(name);
      else transaction.rows.set(name, value);
    }
    return done(value === undefined ? 'DELETE' : 'INSERT', 1);
  }

  #lock(text: string, values: readonly string[]): SqlAnswer {
    const now = this.#wall();
    if (text === locking.value) {
      const found = this.#database.lock(values[0]!);
      return found === undefined || found.until < now ? done('SELECT') : done('SELECT', 1, [[found.value]]);
    }
    const [identity = '', key = '', value = ''] = values;
    const found = this.#database.lock(key);
    const own = found?.identity === identity;
    if (text === locking.check) {
      const held = own && found.value === value && found.until > now;
      return done('SELECT', 1, [[held ? '1' : '0']]);
    }
    if (this.#database.readOnly) throw new Refused(READ_ONLY);
    if (text === locking.take) {
      if (found !== undefined && found.until >= now) return done('INSERT');
      return this.#changeLock('INSERT', key, { identity, value, until: now + TTL });
    }
    if (!own) return done(text === locking.renew ? 'UPDATE' : 'DELETE');
    if (text === locking.renew) return this.#changeLock('UPDATE', key, { ...found, until: now + TTL });
    return this.#changeLock('DELETE', key, undefined);
  }

  #changeLock(command: string, key: string, lock: LockRow | undefined): SqlAnswer {
    this.#database.commit([], [[key, lock]]);
    return done(command, 1);
  }
}

/** As PostgreSQL prints it. */
function lsn(position: number): string {
  const half = 2 ** 32;
  return [Math.floor(position / half), position % half].map((part) => part.toString(16).toUpperCase()).join('/');
}
