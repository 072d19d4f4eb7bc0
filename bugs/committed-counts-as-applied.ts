import type { Bug } from './bug.ts';

export const committedCountsAsApplied: Bug = {
  name: 'committed-counts-as-applied',
  breaks: 'A standby that says that it has reached an index shows what was written there.',
  source: 'What is committed waits for what was committed before, on a slow disk for long.',
  edits: [
    {
      file: 'core/server/ha/raft-physical.ts',
      find: 'applied: storage.appliedIndex() },',
      replace: 'applied: storage.raft.commitIndex() },',
    },
  ],
  stories: ['scenarios/reads/read-after-write.scenario.ts'],
  seed: 1,
};
