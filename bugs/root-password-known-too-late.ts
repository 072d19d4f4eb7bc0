import type { Bug } from './bug.ts';

export const rootPasswordKnownTooLate: Bug = {
  name: 'root-password-known-too-late',
  breaks: 'There is no moment in which a database has a password of its administrator that storage does not.',
  source:
    'Two writes in the order that reads better: the note of what was begun is removed before its outcome is kept.',
  edits: [
    {
      file: 'core/engines/database/root-paths.ts',
      find: `    await store.configs.put(name, withPassword(config, password));
    await deleteWal(storage, note);`,
      replace: `    await deleteWal(storage, note);
    await store.configs.put(name, withPassword(config, password));`,
    },
  ],
  stories: ['scenarios/database/root-rotation-cut-short.scenario.ts'],
  seed: 1,
};
