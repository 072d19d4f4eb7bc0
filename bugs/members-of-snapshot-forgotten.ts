import type { Bug } from './bug.ts';

export const membersOfSnapshotForgotten: Bug = {
  name: 'members-of-snapshot-forgotten',
  breaks: 'Whoever takes a snapshot takes the members that come with it.',
  source: 'A snapshot stands for all entries up to it, those that changed the members too (Raft §7).',
  edits: [
    {
      file: 'core/raft/install.ts',
      find: `      m.setLatest(configuration, configurationIndex);
      m.setCommitted(configuration, configurationIndex);
`,
      replace: '',
    },
  ],
  stories: ['scenarios/members/churn.scenario.ts'],
  seed: 1,
};
