import type { Bug } from './bug.ts';

export const minDecryptionVersionIgnored: Bug = {
  name: 'min-decryption-version-ignored',
  breaks: 'What was encrypted with a version that is shut off cannot be decrypted.',
  source:
    'The check and the clean-up of old versions are one feature in two places; whoever keeps all versions "to be safe" and counts on the clean-up for the check has neither.',
  edits: [
    {
      file: 'core/engines/transit/archive.ts',
      find: 'filter(([number]) => number >= changed.minDecryptionVersion)',
      replace: 'filter(([number]) => number >= changed.minAvailableVersion)',
    },
    {
      file: 'core/engines/transit/cipher.ts',
      find: 'if (number < policy.minDecryptionVersion) {',
      replace: 'if (number < policy.minAvailableVersion) {',
    },
  ],
  stories: ['scenarios/transit/rotation-under-load.scenario.ts'],
  seed: 1,
};
