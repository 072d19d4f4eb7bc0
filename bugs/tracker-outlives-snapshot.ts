import type { Bug } from './bug.ts';

export const trackerOutlivesSnapshot: Bug = {
  name: 'tracker-outlives-snapshot',
  breaks: 'A node that got a snapshot comes to the same verdict on a transaction as all others.',
  source: "A stranger's mutant that escaped for long: it takes a conflict across the very end of a snapshot.",
  edits: [
    {
      file: 'core/storage/raft/tracker.ts',
      find: '    this.#completeAfter = index;',
      replace: '    this.#completeAfter = 0;',
    },
  ],
  stories: ['scenarios/transactions/caught-up-in-between.scenario.ts'],
  seed: 1,
};
