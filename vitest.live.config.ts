import { defineConfig } from 'vitest/config';

/** Tests against real servers: they start what they need themselves, so one file at a time. */
export default defineConfig({
  test: {
    include: ['**/*.live.test.ts'],
    exclude: ['node_modules/**', 'dist/**', '.cache/**'],
    testTimeout: 300_000,
    fileParallelism: false,
  },
});
