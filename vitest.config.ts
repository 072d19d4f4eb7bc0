import { defineConfig } from 'vitest/config';

const exclude = ['node_modules/**', 'dist/**', '.cache/**', '**/*.live.test.ts'];
/** Pure code has no state that one test file could leave to the next, so these share one load of it. */
const pure = ['core/**/*.test.ts', 'sim/**/*.test.ts', 'reports/**/*.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    // One less by default, which halves the pace of a machine with two cores.
    maxWorkers: '100%',
    projects: [
      { test: { name: 'pure', include: pure, exclude, isolate: false, testTimeout: 60_000 } },
      { test: { name: 'rest', include: ['**/*.test.ts'], exclude: [...exclude, ...pure], testTimeout: 60_000 } },
    ],
  },
});
