import type { Bug } from './bug.ts';

export const leaseLeftInIndex: Bug = {
  name: 'lease-left-in-index',
  breaks: 'A lease that has ended is no longer counted among what its token was lent.',
  source: "A stranger's mutant: rows of an index that nobody reads until they are many.",
  edits: [
    {
      file: 'core/server/leases/leases.ts',
      find: 'if (entry.secret !== undefined) await this.#unindex(entry);',
      replace: '',
    },
  ],
  stories: ['scenarios/leases/token-takes-its-leases.scenario.ts'],
  seed: 1,
};
