import type { Bug } from './bug.ts';

export const truncatedMembersKept: Bug = {
  name: 'truncated-members-kept',
  breaks: 'A change of members that is cut off with the log never was.',
  source: 'A configuration counts from its entry on (Raft §6), so it has to go with its entry.',
  edits: [
    {
      file: 'core/raft/append.ts',
      find: 'if (index <= latestIndex) m.setLatest(committed, committedIndex);',
      replace: '',
    },
  ],
  stories: ['scenarios/members/change-cut-off.scenario.ts'],
  seed: 2,
};
