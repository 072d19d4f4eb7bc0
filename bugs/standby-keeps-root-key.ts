import type { Bug } from './bug.ts';

export const standbyKeepsRootKey: Bug = {
  name: 'standby-keeps-root-key',
  breaks: 'Whoever leads next knows the root key that is in force.',
  source:
    'Where such a bug would live: a new active node reads the root key before the keyring, because another may have rotated it.',
  edits: [
    {
      file: 'core/storage/barrier/lifecycle.ts',
      find: `barrier.install(barrier.keyring.withRootKey(value));`,
      replace: ``,
    },
  ],
  stories: ['scenarios/seal/root-rotation-everywhere.scenario.ts'],
  seed: 1,
};
