/**
 * `storage "postgresql"`: a row an entry. Transactions are the database's own, REPEATABLE READ: two that write the same
 * entry exclude each other, but what one has only read another may change (facts §4.1).
 */
import { Permits } from '../permits.ts';
import type { Page, Storage, Transaction } from '../storage.ts';
import { Rows } from './rows.ts';
import { type SqlConnections, statements } from './sql.ts';
import { PostgresTransaction } from './transaction.ts';

export interface PostgresOptions {
  readonly table: string;
  /** How many transactions may be open at once; the others wait. */
  readonly transactions: number;
}

/** Rejects when this node may not write any more. */
export type Fence = () => Promise<void>;

export class PostgresStorage implements Storage {
  readonly transactional = true;
  /** Once this node has been active: asked before each write. */
  fence: Fence | undefined;
  readonly #connections: SqlConnections;
  readonly #rows: Rows;
  readonly #permits: Permits;

  constructor(connections: SqlConnections, { table, transactions }: PostgresOptions) {
    this.#connections = connections;
    this.#rows = new Rows(statements(table));
    this.#permits = new Permits(transactions);
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#rows.get(this.#connections, key);
  }

  list(prefix: string, page?: Page): Promise<string[]> {
    return this.#rows.list(this.#connections, prefix, page);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    await this.fence?.();
    await this.#rows.put(this.#connections, key, value);
  }

  async delete(key: string): Promise<void> {
    await this.fence?.();
    await this.#rows.delete(this.#connections, key);
  }

  async begin(options?: { readOnly?: boolean }): Promise<Transaction> {
    const readOnly = options?.readOnly === true;
    await this.#permits.acquire();
    const done = (): void => this.#permits.release();
    try {
      const session = await this.#connections.session();
      try {
        await session.query(`BEGIN ISOLATION LEVEL REPEATABLE READ${readOnly ? ' READ ONLY' : ''}`);
      } catch (error) {
        session.release();
        throw error;
      }
      return new PostgresTransaction(session, this.#rows, { readOnly, fence: () => this.fence?.(), done });
    } catch (error) {
      done();
      throw error;
    }
  }
}
