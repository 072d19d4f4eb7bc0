import type { Bug } from './bug.ts';

export const olderTermsCounted: Bug = {
  name: 'older-terms-counted',
  breaks: 'An entry of an older term is committed only together with one of the own term.',
  source: 'Raft §5.4.2 and its figure 8.',
  edits: [
    {
      file: 'core/raft/commitment.ts',
      find: ` || quorum < this.startIndex`,
      replace: ``,
    },
  ],
  stories: ['scenarios/failover/lagging-voter.scenario.ts'],
  seed: 1,
};
