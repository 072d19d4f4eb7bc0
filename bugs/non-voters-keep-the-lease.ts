import type { Bug } from './bug.ts';

export const nonVotersKeepTheLease: Bug = {
  name: 'non-voters-keep-the-lease',
  breaks: 'A leader that reaches no majority of the voters gives way.',
  source: 'Who has no vote cannot stop another from being elected, so its word says nothing about that.',
  edits: [
    {
      file: 'core/raft/leader.ts',
      find: `    if (server.suffrage !== 'voter') continue;
    const lanes`,
      replace: '    const lanes',
    },
  ],
  stories: ['scenarios/members/non-voter.scenario.ts'],
  seed: 1,
};
