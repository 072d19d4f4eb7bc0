import type { Bug } from './bug.ts';

export const voteIgnoresLog: Bug = {
  name: 'vote-ignores-log',
  breaks: 'Only a node with all that is committed becomes leader.',
  source: 'Raft §5.4.1. Both checks share one function, so both go at once.',
  edits: [
    {
      file: 'core/raft/requests.ts',
      find: `  const { lastIndex, lastTerm } = m.log;
  if (lastTerm > request.lastTerm) {`,
      replace: `  const { lastIndex, lastTerm } = m.log;
  if (request.kind.endsWith('vote')) return undefined;
  if (lastTerm > request.lastTerm) {`,
    },
  ],
  stories: ['scenarios/swarm/anything.scenario.ts'],
  seed: 2,
};
