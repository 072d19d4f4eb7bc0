import type { Bug } from './bug.ts';

export const preVoteIgnoresLog: Bug = {
  name: 'pre-vote-ignores-log',
  breaks: 'Only a node with all that is committed is told that it could win.',
  source:
    'Raft §9.6: a pre-vote without the log check lets a node that lags unseat a working leader again and again (etcd 3.4 had to mend its pre-vote so).',
  edits: [
    {
      file: 'core/raft/requests.ts',
      find: `const older = olderLog(m, request, 'pre-vote');`,
      replace: 'const older = undefined as ReturnType<typeof olderLog>;',
    },
  ],
  stories: ['scenarios/swarm/anything.scenario.ts'],
  seed: 2,
};
