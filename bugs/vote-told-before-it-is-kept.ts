import type { Bug } from './bug.ts';

export const voteToldBeforeItIsKept: Bug = {
  name: 'vote-told-before-it-is-kept',
  breaks: 'A vote is durable before the candidate hears of it.',
  source: 'An answer that does not wait for the disk is the obvious way to hold faster elections.',
  edits: [
    {
      file: 'core/raft/votes.ts',
      find: '  persistVote(m, request.term, from.address, (error) => {',
      replace: `  answer(m, rpc, from, request, term);
  persistVote(m, request.term, from.address, (error) => {`,
    },
    {
      file: 'core/raft/votes.ts',
      find: `    m.contacted();
    answer(m, rpc, from, request, term);
`,
      replace: `    m.contacted();
`,
    },
  ],
  stories: ['scenarios/swarm/disks.scenario.ts'],
  seed: 2,
};
