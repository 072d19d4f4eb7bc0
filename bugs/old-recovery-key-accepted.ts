import type { Bug } from './bug.ts';

export const oldRecoveryKeyAccepted: Bug = {
  name: 'old-recovery-key-accepted',
  breaks: 'A recovery key that was rotated away authorises nothing.',
  source: 'The writes of a rotation are independent of each other: a configuration without its key looks like success.',
  edits: [
    {
      file: 'core/server/seal/root-rotation.ts',
      find: 'await this.#seal.storeRecoveryKey(key);',
      replace: '',
    },
  ],
  stories: ['scenarios/seal/recovery-key.scenario.ts'],
  seed: 1,
};
