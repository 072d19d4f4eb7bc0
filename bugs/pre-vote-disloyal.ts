import type { Bug } from './bug.ts';

export const preVoteDisloyal: Bug = {
  name: 'pre-vote-disloyal',
  breaks: 'Who follows a leader promises nobody else its vote.',
  source: 'Raft dissertation 9.6: without it one server that hears nothing unseats a leader that all others hear.',
  edits: [
    {
      file: 'core/raft/votes.ts',
      find: 'm.leader.address !== from.address && !transfer',
      replace: "m.leader.address !== from.address && request.kind === 'vote' && !transfer",
    },
  ],
  stories: ['scenarios/swarm/elections.scenario.ts'],
  seed: 1,
};
