import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { Scope } from '../../scope.ts';
import { CommitFailed } from '../storage.ts';
import { PostgresStorage } from './backend.ts';
import { FakeClock, FakeSql } from './postgresql.fixture.ts';
import { PostgresLock } from './lock.ts';
import { orderOfLsn } from './lsn.ts';
import { placeOf, quoteName } from './sql.ts';

const SECOND = 1_000_000;
const value = encodeUtf8('v');

describe('rows', () => {
  it.each([
    ['a', { parent: '', path: '/', key: 'a' }],
    ['a/b', { parent: '/', path: '/a/', key: 'b' }],
    ['a/b/c', { parent: '/a/', path: '/a/b/', key: 'c' }],
    ['a/b/c/d', { parent: '/a/b/', path: '/a/b/c/', key: 'd' }],
  ])('%s has its place', (name, place) => {
    expect(placeOf(name)).toEqual(place);
  });

  it('a name is quoted whatever is in it', () => {
    expect(quoteName('my "table"')).toBe('"my ""table"""');
  });

  it.each([
    ['0/16B3748', 0x16b3748],
    ['1/0', 2 ** 32],
    ['1fffff/ffffffff', Number.MAX_SAFE_INTEGER],
    ['5', undefined],
    ['0/x', undefined],
    ['', undefined],
  ])('the place %j in a log is read', (text, place) => {
    expect(orderOfLsn(text)).toBe(place);
  });
});

describe('transactions', () => {
  const begun = async (sql: FakeSql, readOnly = false) => {
    const storage = new PostgresStorage(sql, { table: 't', transactions: 1 });
    return { storage, transaction: await storage.begin({ readOnly }) };
  };

  it('what wrote nothing is rolled back, and its connection given back', async () => {
    const sql = new FakeSql();
    const { transaction } = await begun(sql);
    await transaction.get('a');
    await transaction.commit();
    expect(sql.control).toEqual(['BEGIN ISOLATION LEVEL REPEATABLE READ', 'ROLLBACK']);
    expect(sql.open).toBe(0);
  });

  it('the fence is asked between the last write and the commit, and what it refuses is rolled back', async () => {
    const sql = new FakeSql();
    const { storage, transaction } = await begun(sql);
    storage.fence = () => Promise.reject(new Error('fenced'));
    await transaction.put('a', value);
    await expect(transaction.commit()).rejects.toThrow('fenced');
    expect(sql.control.at(-1)).toBe('ROLLBACK');
    expect(sql.control).not.toContain('COMMIT');
    await expect(storage.put('b', value)).rejects.toThrow('fenced');
    await expect(storage.delete('b')).rejects.toThrow('fenced');
    expect(sql.open).toBe(0);
  });

  it.each(['40001', '25P02'])('a commit that the database gives up (%s) is a CommitFailed', async (code) => {
    const sql = new FakeSql();
    const { transaction } = await begun(sql);
    await transaction.put('a', value);
    sql.refusals.set('COMMIT', `ERROR: could not serialize access (SQLSTATE ${code})`);
    await expect(transaction.commit()).rejects.toBeInstanceOf(CommitFailed);
    expect(sql.open).toBe(0);
  });

  it('a commit that the database makes a rollback of is a CommitFailed', async () => {
    const sql = new FakeSql();
    const { transaction } = await begun(sql);
    await transaction.put('a', value);
    sql.spoilt = true;
    await expect(transaction.commit()).rejects.toBeInstanceOf(CommitFailed);
  });

  it('only so many are open at once, also after one that could not begin', async () => {
    const sql = new FakeSql();
    const { storage, transaction } = await begun(sql, true);
    const second = storage.begin();
    await Promise.resolve();
    expect(sql.open).toBe(1);
    await transaction.rollback();
    const other = await second;
    await other.rollback();
    sql.refusals.set('BEGIN ISOLATION LEVEL REPEATABLE READ', 'conn closed');
    await expect(storage.begin()).rejects.toThrow('conn closed');
    sql.refusals.clear();
    await (await storage.begin()).rollback();
    expect(sql.open).toBe(0);
  });
});

describe('the lock', () => {
  const locks = () => {
    const [sql, clock] = [new FakeSql(), new FakeClock()];
    const make = (identity: string) =>
      new PostgresLock({ sql, clock, table: 'locks' }, 'core/lock', `of ${identity}`, identity);
    return { sql, clock, make };
  };

  it('is tried once a second, and lost by the first renewal that meets no row', async () => {
    const { sql, clock, make } = locks();
    const taken = make('one').lock(new Scope());
    sql.changed = 0;
    await clock.pass(SECOND);
    await clock.pass(SECOND);
    expect(sql.count('INSERT')).toBe(2);
    sql.changed = 1;
    await clock.pass(SECOND);
    const lost = await taken;
    await clock.pass(5 * SECOND);
    expect([sql.count('UPDATE "locks"'), lost?.cancelled]).toEqual([1, false]);
    sql.changed = 0;
    await clock.pass(5 * SECOND);
    expect(lost?.cancelled).toBe(true);
    await clock.pass(20 * SECOND);
    expect(sql.count('UPDATE "locks"')).toBe(2);
  });

  it('is lost when the database does not answer a renewal within ten seconds', async () => {
    const { sql, clock, make } = locks();
    const taken = make('one').lock(new Scope());
    await clock.pass(SECOND);
    const lost = await taken;
    sql.silent = true;
    await clock.pass(5 * SECOND);
    await clock.pass(9 * SECOND);
    expect(lost?.cancelled).toBe(false);
    await clock.pass(SECOND);
    expect(lost?.cancelled).toBe(true);
  });

  it('given up is not lost, and is renewed no more', async () => {
    const { sql, clock, make } = locks();
    const lock = make('one');
    const taken = lock.lock(new Scope());
    await clock.pass(SECOND);
    const lost = await taken;
    await lock.unlock();
    await clock.pass(20 * SECOND);
    expect([sql.count('UPDATE "locks"'), lost?.cancelled]).toEqual([0, false]);
  });

  it('who stops waiting does not get it', async () => {
    const { sql, clock, make } = locks();
    const stop = new Scope();
    const taken = make('one').lock(stop);
    stop.cancel();
    await clock.pass(SECOND);
    expect([await taken, sql.count('INSERT')]).toEqual([undefined, 0]);
  });

  it('a writer is told why it may not write', async () => {
    const { sql, make } = locks();
    sql.rows = [['0']];
    await expect(make('one').check()).rejects.toThrow(
      'lock has changed ownership before attempting write: lock changed ownership',
    );
    sql.refusals.set('SELECT', 'conn closed');
    await expect(make('one').check()).rejects.toThrow(
      'lock has changed ownership before attempting write: err from database: conn closed',
    );
    sql.refusals.clear();
    sql.rows = [['1']];
    await expect(make('one').check()).resolves.toBeUndefined();
  });
});
