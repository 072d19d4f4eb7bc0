import type { Bug } from './bug.ts';

export const lockoutForgets: Bug = {
  name: 'lockout-forgets',
  breaks: 'Five wrong passwords lock a user out.',
  source: 'A count that is not kept counts nobody.',
  edits: [
    {
      file: 'core/server/lockout.ts',
      find: `const count = fresh ? 1 : old.count + 1;`,
      replace: `const count = fresh ? 1 : Math.min(4, old.count + 1);`,
    },
  ],
  stories: ['scenarios/limits/lockout.scenario.ts'],
  seed: 1,
};
