import type { Bug } from './bug.ts';

export const givenUpOnlyInMemory: Bug = {
  name: 'given-up-only-in-memory',
  breaks: 'A lease whose revocation was given up is known as such to the next leader too.',
  source: 'State of a retry kept beside the entry that it belongs to: each failover begins the tries anew.',
  edits: [
    {
      file: 'core/server/leases/expiry.ts',
      find: '      await this.#store.save(given);\n',
      replace: '',
    },
  ],
  stories: ['scenarios/leases/given-up-across-failovers.scenario.ts'],
  seed: 1,
};
