import type { Bug } from './bug.ts';

export const trackerBelievesItselfComplete: Bug = {
  name: 'tracker-believes-itself-complete',
  breaks: 'A node that starts anew comes to the same verdict on a transaction as all others.',
  source: "A stranger's mutant: what a node has not seen written counts as not written.",
  edits: [
    {
      file: 'core/storage/raft/tracker.ts',
      find: '    this.#completeAfter = applied;',
      replace: '    this.#completeAfter = 0 * applied;',
    },
  ],
  stories: ['scenarios/transactions/one-on-the-seat.scenario.ts'],
  seed: 1,
};
