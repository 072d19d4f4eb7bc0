import type { Bug } from './bug.ts';

export const lockOfAboveLetsIn: Bug = {
  name: 'lock-of-above-lets-in',
  breaks: 'A locked namespace locks those below it.',
  source: 'The lock is a field of one namespace; a request names another.',
  edits: [
    {
      file: 'core/server/namespaces/enter.ts',
      find: 'at !== undefined; at = at.parent',
      replace: 'at === node; at = at?.parent',
    },
  ],
  stories: ['scenarios/namespaces/kept-apart.scenario.ts'],
  seed: 1,
};
