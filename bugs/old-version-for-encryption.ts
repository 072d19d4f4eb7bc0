import type { Bug } from './bug.ts';

export const oldVersionForEncryption: Bug = {
  name: 'old-version-for-encryption',
  breaks: 'Nothing is encrypted any more with a version below the smallest that is to be.',
  source: "A stranger's mutant: only who asks for an old version notices.",
  edits: [
    {
      file: 'core/engines/transit/cipher.ts',
      find: 'if (asked < policy.minEncryptionVersion) {',
      replace: 'if (asked < 0) {',
    },
  ],
  stories: ['scenarios/transit/keys.scenario.ts'],
  seed: 1,
};
