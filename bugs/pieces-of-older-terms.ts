import type { Bug } from './bug.ts';

export const piecesOfOlderTerms: Bug = {
  name: 'pieces-of-older-terms',
  breaks: 'What a leader that fell could not finish of a large entry lies on all disks for ever.',
  source:
    'go-raftchunking drops the pieces of other terms; only the terms in them tell that nobody will send the rest.',
  edits: [
    {
      file: 'core/storage/raft/chunking.ts',
      find: '  dropOtherTerms(batch, term);\n  const folder',
      replace: '  const folder',
    },
  ],
  stories: ['scenarios/kv/large.scenario.ts'],
  seed: 3,
};
