import type { Bug } from './bug.ts';

export const withdrawnKeyKept: Bug = {
  name: 'withdrawn-key-kept',
  breaks: 'A key that a provider has withdrawn lets nobody in once its newer keys were fetched.',
  source: 'A cache that adds what was fetched to what it has: rotations work, and the old keys are never asked about.',
  edits: [
    {
      file: 'core/auth/jwt/key-set.ts',
      find: 'return (this.#keys = parseJwks(answer.body));',
      replace: 'return (this.#keys = [...this.#keys, ...parseJwks(answer.body)]);',
    },
  ],
  stories: ['scenarios/logins/rotated-keys.scenario.ts'],
  seed: 1,
};
