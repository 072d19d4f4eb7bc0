import type { Bug } from './bug.ts';

export const indexAheadOfItsKeys: Bug = {
  name: 'index-ahead-of-its-keys',
  breaks: 'An index that standbys are told counts in no change whose keys they are not told.',
  source:
    'What was being written while the index was asked for may be in the log already; 2.7.2 answers with values from before an index now and then.',
  edits: [
    {
      file: 'core/server/ha/change-feed.ts',
      find: '[...before, ...this.#pending, ...[...this.#open].flat()]',
      replace: 'before',
    },
  ],
  stories: ['scenarios/postgresql/read-after-write.scenario.ts'],
  seed: 1,
};
