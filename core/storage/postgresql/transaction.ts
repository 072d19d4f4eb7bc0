/** A transaction of the database, on a connection of its own. */
import { failure } from '../../fault.ts';
import { CommitFailed, type Page, type Transaction } from '../storage.ts';
import type { Rows } from './rows.ts';
import type { SqlSession } from './sql.ts';

export interface TransactionTerms {
  readonly readOnly: boolean;
  /** Rejects when this node may not write any more. */
  readonly fence: () => Promise<void> | undefined;
  /** Once, when it has ended. */
  readonly done: () => void;
}

export class PostgresTransaction implements Transaction {
  readonly #session: SqlSession;
  readonly #rows: Rows;
  readonly #terms: TransactionTerms;
  #wrote = false;
  #ended = false;

  constructor(session: SqlSession, rows: Rows, terms: TransactionTerms) {
    this.#session = session;
    this.#rows = rows;
    this.#terms = terms;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#checkOpen();
    return this.#rows.get(this.#session, key);
  }

  async list(prefix: string, page?: Page): Promise<string[]> {
    this.#checkOpen();
    return this.#rows.list(this.#session, prefix, page);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    this.#writes();
    await this.#rows.put(this.#session, key, value);
  }

  async delete(key: string): Promise<void> {
    this.#writes();
    await this.#rows.delete(this.#session, key);
  }

  async commit(): Promise<void> {
    this.#checkOpen();
    this.#ended = true;
    try {
      if (this.#wrote) await this.#terms.fence();
      // Where nothing was written there is nothing to keep.
      const { command } = await this.#session.query(this.#wrote ? 'COMMIT' : 'ROLLBACK');
      if (this.#wrote && command !== 'COMMIT') throw new CommitFailed();
    } catch (error) {
      await this.#session.query('ROLLBACK').catch(() => undefined);
      throw commitFailure(error);
    } finally {
      this.#end();
    }
  }

  async rollback(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    try {
      await this.#session.query('ROLLBACK');
    } finally {
      this.#end();
    }
  }

  #writes(): void {
    this.#checkOpen();
    if (this.#terms.readOnly) throw failure('transaction is read-only');
    this.#wrote = true;
  }

  #checkOpen(): void {
    if (this.#ended) throw failure('transaction has been committed or rolled back');
  }

  #end(): void {
    this.#session.release();
    this.#terms.done();
  }
}

/** The database gave up one of two transactions that came into each other's way. */
function commitFailure(error: unknown): unknown {
  return error instanceof Error && /\(SQLSTATE (40001|40P01|25P02)\)$/.test(error.message) ? new CommitFailed() : error;
}
