import type { Bug } from './bug.ts';

export const removedLeaderGoesOn: Bug = {
  name: 'removed-leader-goes-on',
  breaks: 'A leader that is removed leads no more once that is committed.',
  source: 'Raft §6: it manages a cluster that does not include itself, until then and no longer.',
  edits: [
    {
      file: 'core/raft/proposals.ts',
      find: "suffrage === 'voter')) leadership.removed = true;",
      replace: "suffrage === 'voter')) leadership.removed = false;",
    },
  ],
  stories: ['scenarios/members/leave-and-rejoin.scenario.ts'],
  seed: 1,
};
