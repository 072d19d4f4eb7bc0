import type { Bug } from './bug.ts';

export const toldBeforeItIsThere: Bug = {
  name: 'told-before-it-is-there',
  breaks: 'What a standby is told has changed is read anew only when its own database has it.',
  source:
    'The stream comes straight from the active node, a replica has the rows later; read too early, the old row stays in the cache.',
  edits: [
    {
      file: 'core/server/ha/told-changes.ts',
      find: 'if (own >= order) return own;',
      replace: 'return Math.max(own, order);',
    },
  ],
  stories: ['scenarios/postgresql/read-after-write.scenario.ts', 'scenarios/postgresql/revoked.scenario.ts'],
  seed: 1,
};
