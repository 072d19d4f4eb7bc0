import type { Bug } from './bug.ts';

export const keyringOutlivesRestore: Bug = {
  name: 'keyring-outlives-restore',
  breaks: 'With a restored snapshot its encryption keys come back.',
  source: "A stranger's mutant: as long as nobody has rotated keys in between there is no difference.",
  edits: [
    {
      file: 'core/server/states.ts',
      find: `        await replace();
        this.#cache?.purge();
        await this.#on.seals.refresh();`,
      replace: `        await replace();
        this.#cache?.purge();`,
    },
  ],
  stories: ['scenarios/snapshot/restore-under-load.scenario.ts'],
  seed: 1,
};
