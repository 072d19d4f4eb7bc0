/** A fixture for vitest: `import { test } from 'bao-steamer/vitest'`, and each test that asks for `bao` has its own. */
import { test as base } from 'vitest';
import type { TestAPI } from 'vitest';
import type { BaoServer, StartOptions } from './index.ts';
import { startServer } from './index.ts';

export interface BaoFixture {
  /** A fresh server, stopped after the test. */
  readonly bao: BaoServer;
}

/** `test` with servers of another kind: `const test = baoTest({ kv: 1 })`. */
export const baoTest = (options: StartOptions = {}): TestAPI<BaoFixture> =>
  base.extend<BaoFixture>({
    // Vitest reads from the pattern which fixtures are needed.
    // oxlint-disable-next-line no-empty-pattern
    bao: async ({}, use) => {
      const server = await startServer(options);
      try {
        await use(server);
      } finally {
        await server.stop();
      }
    },
  });

export const test: TestAPI<BaoFixture> = baoTest();
