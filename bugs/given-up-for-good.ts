import type { Bug } from './bug.ts';

export const givenUpForGood: Bug = {
  name: 'given-up-for-good',
  breaks: 'What a lease stands for outlives it for good once its revocation was given up.',
  source: 'A timer that is set where something fails is easily lost, and nobody waits a day to see it.',
  edits: [
    {
      file: 'core/server/leases/expiry.ts',
      find: 'this.#deadlines.set(entry.leaseId, this.#now() + IRREVOCABLE_RETRY);',
      replace: 'this.#deadlines.delete(entry.leaseId);',
    },
  ],
  stories: ['scenarios/leases/tried-again-next-day.scenario.ts'],
  seed: 1,
};
