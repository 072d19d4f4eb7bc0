import type { Bug } from './bug.ts';

export const changesOverlap: Bug = {
  name: 'changes-overlap',
  breaks: 'Members change one at a time.',
  source: 'Raft §6 (dissertation, 4.1): two changes under way may have two majorities that share nobody.',
  edits: [
    {
      file: 'core/raft/changes.ts',
      find: `configurations.latestIndex === configurations.committedIndex && `,
      replace: ``,
    },
  ],
  stories: ['scenarios/members/churn.scenario.ts'],
  seed: 1,
};
