import type { Bug } from './bug.ts';

export const staticRotationNotFinished: Bug = {
  name: 'static-rotation-not-finished',
  breaks:
    'A new leader finishes the rotation that its predecessor died in, so that what is shown is what the database takes.',
  source: 'A queue made anew from storage that looks at the roles only, not at what was left half done.',
  edits: [
    {
      file: 'core/engines/database/rotation.ts',
      find: `const wal = left.get(name)?.name;`,
      replace: `const wal = undefined as string | undefined;`,
    },
  ],
  stories: ['scenarios/database/static-rotation-across-failover.scenario.ts'],
  seed: 1,
};
