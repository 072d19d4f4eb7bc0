import type { Bug } from './bug.ts';

export const preVoteIgnoresLog: Bug = {
  name: 'pre-vote-ignores-log',
  breaks: 'Only a node with all that is committed is told that it could win.',
  source:
    'Raft §9.6: a pre-vote without the log check lets a node that lags unseat a working leader again and again (etcd 3.4 had to mend its pre-vote so).',
  edits: [
    {
      file: 'core/raft/votes.ts',
      find: 'notAVoter(m, from, request) ?? olderLog(m, from, request)',
      replace: 'notAVoter(m, from, request)',
    },
  ],
  stories: ['scenarios/swarm/anything.scenario.ts'],
  seed: 2,
};
