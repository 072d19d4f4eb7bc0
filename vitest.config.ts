import { defineConfig } from 'vitest/config';

const exclude = ['node_modules/**', 'dist/**', '.cache/**', '**/*.live.test.ts'];
/** Pure code has no state that one test file could leave to the next, so these share one load of it. */
const pure = ['core/**/*.test.ts', 'sim/**/*.test.ts', 'reports/**/*.test.ts'];

const limits = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    // One less by default, which halves the pace of a machine with two cores.
    maxWorkers: '100%',
    projects: [
      { test: { name: 'pure', include: pure, exclude, isolate: false, ...limits } },
      { test: { name: 'rest', include: ['**/*.test.ts'], exclude: [...exclude, ...pure], ...limits } },
    ],
  },
});
