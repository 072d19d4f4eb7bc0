import type { Bug } from './bug.ts';

export const forgetVoteOnRestart: Bug = {
  name: 'forget-vote-on-restart',
  breaks: 'A node votes once a term, whatever happens to it.',
  source:
    'Raft §5.1 demands that votedFor is stable; a vote kept in memory only is the classic slip of a first implementation.',
  edits: [
    {
      file: 'core/raft/machine.ts',
      find: 'this.voteTerm = recovered.voteTerm;',
      replace: 'this.voteTerm = 0;',
    },
  ],
  stories: ['scenarios/failover/rolling-restart.scenario.ts', 'scenarios/swarm/anything.scenario.ts'],
  seed: 1,
};
