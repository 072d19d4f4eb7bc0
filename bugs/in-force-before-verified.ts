import type { Bug } from './bug.ts';

export const inForceBeforeVerified: Bug = {
  name: 'in-force-before-verified',
  breaks: 'Whoever loses new shares before they were given back can still open the cluster with the old ones.',
  source: 'That is all that verification is for; it is easily done after the fact.',
  edits: [
    {
      file: 'core/server/seal/root-rotation.ts',
      find: 'attempt.verification = { key, progress: [] };',
      replace: 'await this.#apply(config, key); attempt.verification = { key, progress: [] };',
    },
  ],
  stories: ['scenarios/seal/new-shares.scenario.ts'],
  seed: 1,
};
