import type { Bug } from './bug.ts';

export const voteIgnoresLog: Bug = {
  name: 'vote-ignores-log',
  breaks: 'Only a node with all that is committed becomes leader.',
  source: 'Raft §5.4.1. Both checks share one function, so both go at once.',
  edits: [
    {
      file: 'core/raft/votes.ts',
      find: '  if (lastTerm > request.lastTerm)',
      replace: `  if (request.kind.endsWith('vote')) return undefined;
  if (lastTerm > request.lastTerm)`,
    },
  ],
  stories: ['scenarios/swarm/anything.scenario.ts'],
  seed: 2,
};
