import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import { storageContract } from '../../core/storage/contract.ts';
import { PostgresStorage } from '../../core/storage/postgresql/backend.ts';
import { currentLsn, orderOfLsn } from '../../core/storage/postgresql/lsn.ts';
import { lockStatements, type SqlConnections } from '../../core/storage/postgresql/sql.ts';
import { RowDatabase } from './database.ts';
import { RowLocks } from './row-locks.ts';
import { LOCK_TABLE, Session, TABLE } from './session.ts';
import { decodeAnswer, decodeStatement, encodeAnswer, encodeStatement } from './wire.ts';

/** Connections without a network between, but over the bytes of one. */
function connected(database = new RowDatabase(), wall = () => 0) {
  const locks = new RowLocks<Session>();
  const session = () => {
    const own = new Session(database, locks, wall);
    return {
      query: async (...asked: Parameters<SqlConnections['query']>) => {
        const [text, ...values] = asked;
        const statement = decodeStatement(encodeStatement({ text, values }));
        const said = await own.run(statement.text, statement.values).then(encodeAnswer, (error: Error) => {
          return encodeAnswer(error.message);
        });
        const answer = decodeAnswer(said);
        if (typeof answer === 'string') throw new Error(answer);
        return answer;
      },
      release: () => undefined,
      close: () => own.close(),
    };
  };
  const sql: SqlConnections = { query: (...asked) => session().query(...asked), session: async () => session() };
  return { database, sql, session, storage: new PostgresStorage(sql, { table: TABLE, transactions: 64 }) };
}

const bytes = encodeUtf8('value');

describe('the simulated PostgreSQL', () => {
  for (const check of storageContract) it(check.name, () => check.run(connected().storage));

  it('one of two transactions that write a row gives way, be the other open or done', async () => {
    const { storage } = connected();
    const [one, two] = [await storage.begin(), await storage.begin()];
    await one.put('a', bytes);
    const waiting = two.put('a', bytes);
    await one.commit();
    await expect(waiting).rejects.toThrow('40001');
    await expect(two.get('a')).rejects.toThrow('25P02');
    await two.rollback();
    expect(await storage.get('a')).toEqual(bytes);
  });

  it('two that wait for each other do not wait for ever', async () => {
    const { storage } = connected();
    const [one, two] = [await storage.begin(), await storage.begin()];
    await one.put('a', bytes);
    await two.put('b', bytes);
    const waiting = one.put('b', bytes);
    await expect(two.put('a', bytes)).rejects.toThrow('40P01');
    await two.rollback();
    await waiting;
    await one.commit();
    expect(await storage.list('')).toEqual(['a', 'b']);
  });

  it('a connection that breaks leaves nothing behind, and nobody waiting', async () => {
    const { storage, session } = connected();
    const broken = session();
    await broken.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const other = new PostgresStorage(
      { query: broken.query, session: async () => broken },
      {
        table: TABLE,
        transactions: 1,
      },
    );
    await (await other.begin()).put('a', bytes);
    const waiting = storage.put('a', encodeUtf8('other'));
    broken.close();
    await waiting;
    expect(await storage.get('a')).toEqual(encodeUtf8('other'));
  });

  it('the lock is one holder’s till it expires, and the log grows with each change', async () => {
    let now = 0;
    const { sql } = connected(new RowDatabase(), () => now);
    const texts = lockStatements(LOCK_TABLE);
    const changed = async (text: string, ...values: string[]) => (await sql.query(text, ...values)).changed;
    const before = orderOfLsn(await currentLsn(sql))!;
    expect(await changed(texts.take, 'one', 'lock', 'v1')).toBe(1);
    expect(orderOfLsn(await currentLsn(sql))).toBeGreaterThan(before);
    expect(await changed(texts.take, 'two', 'lock', 'v2')).toBe(0);
    now = 10_000_000;
    expect(await changed(texts.renew, 'one', 'lock')).toBe(1);
    now = 25_000_001;
    expect((await sql.query(texts.value, 'lock')).rows).toEqual([]);
    expect((await sql.query(texts.check, 'one', 'lock', 'v1')).rows).toEqual([['0']]);
    expect(await changed(texts.take, 'two', 'lock', 'v2')).toBe(1);
    expect(await changed(texts.renew, 'one', 'lock')).toBe(0);
    expect((await sql.query(texts.value, 'lock')).rows).toEqual([['v2']]);
    expect(await changed(texts.release, 'two', 'lock')).toBe(1);
  });

  it('a replica has what the log told it, and takes no writes', async () => {
    const { database, storage } = connected();
    const replica = connected(new RowDatabase(true));
    database.committed = (record) => replica.database.apply(record);
    await storage.put('a', bytes);
    expect(await replica.storage.get('a')).toEqual(bytes);
    expect(await currentLsn(replica.sql)).toBe(await currentLsn(connected(database).sql));
    await expect(replica.storage.put('a', bytes)).rejects.toThrow('25006');
  });
});
