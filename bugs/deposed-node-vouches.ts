import type { Bug } from './bug.ts';

export const deposedNodeVouches: Bug = {
  name: 'deposed-node-vouches',
  breaks: 'A node that has lost the lock tells nobody up to where everything is known.',
  source: 'It reads the index of a database into which somebody else writes by now.',
  edits: [
    {
      file: 'core/server/ha/shared-storage.ts',
      find: '      await shared.check();\n',
      replace: '',
    },
  ],
  stories: ['scenarios/postgresql/clock-of-the-database.scenario.ts'],
  seed: 1,
};
