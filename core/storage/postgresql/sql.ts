/** What PostgreSQL is asked through, and how the tables of upstream's backend are laid out (facts §4.1). */
export type SqlValue = string | number | Uint8Array;

export interface SqlAnswer {
  /** Texts, and bytes where the column has them. */
  readonly rows: readonly (readonly (string | Uint8Array | null)[])[];
  /** How many rows were written. */
  readonly changed: number;
  /** What was done, as the server names it: a COMMIT of what has failed is a ROLLBACK. */
  readonly command: string;
}

/** Rejects with StorageFailed, whose message ends in `(SQLSTATE …)` where the server refused. */
export interface Sql {
  query(text: string, ...values: readonly SqlValue[]): Promise<SqlAnswer>;
}

/** One connection, to be given back. */
export interface SqlSession extends Sql {
  release(): void;
}

/** Connections to one database: each query on its own goes over any of them. */
export interface SqlConnections extends Sql {
  session(): Promise<SqlSession>;
}

/** An identifier, whatever is in it. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export interface Place {
  readonly parent: string;
  readonly path: string;
  readonly key: string;
}

/** `a/b/c` is `c` in `/a/b/`, which is in `/a/`; what has no folder is in `/`, which is in nothing. */
export function placeOf(name: string): Place {
  const key = name.slice(name.lastIndexOf('/') + 1);
  const path = folderPath(name.slice(0, name.length - key.length));
  return { parent: path === '/' ? '' : path.slice(0, path.lastIndexOf('/', path.length - 2) + 1), path, key };
}

/** Of '' or what ends in '/'. */
export const folderPath = (prefix: string): string => `/${prefix}`;

export interface Statements {
  readonly get: string;
  readonly put: string;
  readonly delete: string;
  /** $1 the folder's path; $2 the name to begin after, $3 how many, where they are asked for. */
  list(after: boolean, limited: boolean): string;
}

export function statements(table: string): Statements {
  const name = quoteName(table);
  const folder = `substring(substr(path, length($1) + 1) from '^.*?/')`;
  return {
    get: `SELECT value FROM ${name} WHERE path = $1 AND key = $2`,
    put:
      `INSERT INTO ${name} (parent_path, path, key, value) VALUES ($1, $2, $3, $4) ` +
      'ON CONFLICT (path, key) DO UPDATE SET parent_path = $1, value = $4',
    delete: `DELETE FROM ${name} WHERE path = $1 AND key = $2`,
    list: (after, limited) =>
      `SELECT key FROM ${name} WHERE path = $1${after ? ' AND key > $2' : ''} UNION ALL ` +
      `SELECT DISTINCT ${folder} FROM ${name} WHERE parent_path LIKE $1 || '%'${after ? ` AND ${folder} > $2` : ''} ` +
      `ORDER BY key${limited ? ` LIMIT $${after ? 3 : 2}` : ''}`,
  };
}

/** Of the HA lock. $1 is who, $2 which lock, $3 its value; of `value` alone $1 is which. */
export interface LockStatements {
  /** Changes one row when it was free, or had expired. */
  readonly take: string;
  readonly renew: string;
  readonly release: string;
  readonly value: string;
  /** Whether it is still held: '1'. */
  readonly check: string;
}

export const LOCK_SECONDS = 15;

export function lockStatements(table: string): LockStatements {
  const name = quoteName(table);
  const until = `NOW() + ${LOCK_SECONDS} * INTERVAL '1 second'`;
  return {
    take:
      `INSERT INTO ${name} AS t (ha_identity, ha_key, ha_value, valid_until) VALUES ($1, $2, $3, ${until}) ` +
      `ON CONFLICT (ha_key) DO UPDATE SET ha_identity = $1, ha_value = $3, valid_until = ${until} ` +
      'WHERE t.valid_until < NOW()',
    renew: `UPDATE ${name} SET valid_until = ${until} WHERE ha_identity = $1 AND ha_key = $2`,
    release: `DELETE FROM ${name} WHERE ha_identity = $1 AND ha_key = $2`,
    value: `SELECT ha_value FROM ${name} WHERE NOW() <= valid_until AND ha_key = $1`,
    check:
      `SELECT COUNT(*)::text FROM ${name} ` +
      'WHERE ha_identity = $1 AND ha_key = $2 AND ha_value = $3 AND valid_until > NOW()',
  };
}

/** Makes the tables where they are missing. `haTable` '' is none. */
export const makeStoreTable = (table: string): string =>
  `CREATE TABLE IF NOT EXISTS ${quoteName(table)} (parent_path TEXT COLLATE "C" NOT NULL, path TEXT COLLATE "C", ` +
  `key TEXT COLLATE "C", value BYTEA, CONSTRAINT ${quoteName(`${table}_pkey`)} PRIMARY KEY (path, key))`;

export const makeStoreIndex = (table: string): string =>
  `CREATE INDEX IF NOT EXISTS ${quoteName(`${table}_idx`)} ON ${quoteName(table)} (parent_path)`;

export const makeLockTable = (table: string): string =>
  `CREATE TABLE IF NOT EXISTS ${quoteName(table)} (ha_key TEXT COLLATE "C" NOT NULL, ` +
  `ha_identity TEXT COLLATE "C" NOT NULL, ha_value TEXT COLLATE "C", ` +
  `valid_until TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT ${quoteName(`${table}_pkey`)} PRIMARY KEY (ha_key))`;
