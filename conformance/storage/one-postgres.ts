/** One PostgreSQL for all tests of a file, which are skipped, with the reason printed, where there is none. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Postgres, startPostgres } from '../fixtures/postgres.ts';
import { orSkipped } from '../interop/side.ts';

/** `ready`: what else the file begins with. */
export function onePostgres(ready: (postgres: Postgres) => Promise<void> = () => Promise.resolve()): () => Postgres {
  let postgres: Postgres | undefined;
  beforeAll(async () => {
    postgres = await orSkipped(startPostgres);
    if (postgres !== undefined) await ready(postgres);
  }, 60_000);
  beforeEach((context) => {
    if (postgres === undefined) context.skip();
  });
  afterAll(() => postgres?.stop());
  return () => postgres!;
}
