/** Entries as rows: what is asked for them, whoever asks. */
import type { Page } from '../storage.ts';
import { folderPath, placeOf, type Sql, type Statements } from './sql.ts';

/** The entries, over any connection. */
export class Rows {
  readonly #statements: Statements;

  constructor(texts: Statements) {
    this.#statements = texts;
  }

  async get(sql: Sql, name: string): Promise<Uint8Array | undefined> {
    const { path, key } = placeOf(name);
    const value = (await sql.query(this.#statements.get, path, key)).rows[0]?.[0];
    return value instanceof Uint8Array ? value : undefined;
  }

  async put(sql: Sql, name: string, value: Uint8Array): Promise<void> {
    const { parent, path, key } = placeOf(name);
    await sql.query(this.#statements.put, parent, path, key, value);
  }

  async delete(sql: Sql, name: string): Promise<void> {
    const { path, key } = placeOf(name);
    await sql.query(this.#statements.delete, path, key);
  }

  async list(sql: Sql, prefix: string, { after = '', limit = 0 }: Page = {}): Promise<string[]> {
    const text = this.#statements.list(after !== '', limit > 0);
    const values = [...(after === '' ? [] : [after]), ...(limit > 0 ? [limit] : [])];
    const { rows } = await sql.query(text, folderPath(prefix), ...values);
    return rows.flatMap(([name]) => (typeof name === 'string' ? [name] : []));
  }
}
