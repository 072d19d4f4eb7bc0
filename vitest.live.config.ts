import { defineConfig } from 'vitest/config';

/** Tests against real servers: they start what they need themselves, so one file at a time. */
export default defineConfig({
  test: {
    include: ['**/*.live.test.ts'],
    exclude: ['node_modules/**', 'dist/**', '.cache/**'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    // Others' servers run in real time and have their moods. Who passes only then is named in the report ("retry x1").
    retry: 1,
    fileParallelism: false,
  },
});
