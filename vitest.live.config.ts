import { defineConfig } from 'vitest/config';

/** Tests against real servers, which they start themselves; `live.ts` runs them. */
export default defineConfig({
  test: {
    include: ['**/*.live.test.ts'],
    exclude: ['node_modules/**', 'dist/**', '.cache/**'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
});
