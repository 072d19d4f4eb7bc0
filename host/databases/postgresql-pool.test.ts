import type { Pool } from 'pg';
import { expect, test } from 'vitest';
import { parseAddress } from './postgresql-address.ts';
import { PostgresPool } from './postgresql-pool.ts';

/** What of `pg`'s pools is used to connect; `refuse` says which of them reach nobody. */
function pools(refuse: (made: number) => boolean): { readonly made: unknown[]; readonly poolClass: typeof Pool } {
  const made: unknown[] = [];
  class FakePool {
    readonly number = made.push(this);
    readonly idleCount = 0;
    on(): this {
      return this;
    }
    async connect(): Promise<unknown> {
      await Promise.resolve();
      if (refuse(this.number)) throw new Error('nobody there');
      return { release: () => undefined };
    }
    async end(): Promise<void> {}
  }
  return { made, poolClass: FakePool as unknown as typeof Pool };
}

const target = parseAddress('postgres://u:p@127.0.0.1:1,127.0.0.2:2/d?sslmode=disable');

test('who connects at once shares the first way that leads to a server', async () => {
  const { made, poolClass } = pools((number) => number === 1);
  const pool = new PostgresPool(poolClass, target, { max: 5 });
  await Promise.all(Array.from({ length: 20 }, () => pool.connect()));
  expect(made.length).toBe(2);
});

test('when no way leads anywhere all are told, and the next one tries again', async () => {
  const { made, poolClass } = pools((number) => number <= 2);
  const pool = new PostgresPool(poolClass, target, { max: 5 });
  const told = await Promise.allSettled(Array.from({ length: 3 }, () => pool.connect()));
  expect(told.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(made.length).toBe(2);
  await pool.connect();
  expect(made.length).toBe(3);
});
