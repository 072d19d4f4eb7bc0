import type { Bug } from './bug.ts';

export const migrationKeepsOldKey: Bug = {
  name: 'migration-keeps-old-key',
  breaks: 'After a migration to shares these shares open the storage, also when the root key has been rotated.',
  source:
    'OpenBao 2.7.2 itself: core/shamir-kek keeps the key of older shares, the next active node loads it, and sys/rotate/root wraps the root key under it.',
  edits: [
    {
      file: 'core/server/seal/migration.ts',
      find: 'await writeShamirKek(barrier, key);',
      replace: 'await writeShamirKek(barrier, generateKey(barrier));',
    },
  ],
  stories: ['scenarios/seal/recovery-key.scenario.ts'],
  seed: 1,
};
