import type { Bug } from './bug.ts';

export const nextRootKeyBehindOldShares: Bug = {
  name: 'next-root-key-behind-old-shares',
  breaks: 'What opens the cluster opens it after the next rotation of the root key as well.',
  source: 'With shares, the key that they make is kept beside the root key for rotations that nobody gives shares to.',
  edits: [
    {
      file: 'core/server/seal/root-rotation.ts',
      find: '    await writeShamirKek(this.#barrier, key);\n',
      replace: '',
    },
  ],
  stories: ['scenarios/seal/new-shares.scenario.ts'],
  seed: 1,
};
