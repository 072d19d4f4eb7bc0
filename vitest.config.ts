import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const exclude = ['node_modules/**', 'dist/**', '.cache/**', '**/*.live.test.ts'];
/** They need no machine around them. */
const pure = ['core/**/*.test.ts', 'sim/**/*.test.ts', 'reports/**/*.test.ts'];

/** They have to begin first, if all workers are to end together; what a file costs cannot be told from its size. */
const LONG = [
  'conformance/recorded-engines',
  'conformance/recorded-platform',
  'bin/run/failovers',
  'bin/bad-input',
  'bugs/bugs',
  'conformance/fuzz/inputs/inputs',
  'host/cluster',
  'conformance/clusters/clusters',
  'conformance/recorded-older',
  'reproduce/recordings',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isOf = (name: string) => (file: TestSpecification) => file.moduleId.endsWith(`/${name}.test.ts`);
    const long = LONG.flatMap((name) => sorted.filter(isOf(name)));
    return [...long, ...sorted.filter((file) => !long.includes(file))];
  }
}

// No module keeps anything that one test file could leave to the next, so a worker loads the code once.
const common = { isolate: false, testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    // One less by default, which halves the pace of a machine with two cores.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { name: 'pure', include: pure, exclude, ...common } },
      { test: { name: 'rest', include: ['**/*.test.ts'], exclude: [...exclude, ...pure], ...common } },
    ],
  },
});
