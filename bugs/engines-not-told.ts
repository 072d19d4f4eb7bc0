import type { Bug } from './bug.ts';

export const enginesNotTold: Bug = {
  name: 'engines-not-told',
  breaks:
    'What an auth method or an engine keeps of its configuration does not outlive a change that another node made.',
  source: "A stranger's mutant, and an escape of the last round: one kind of cache more, whose node nobody tells.",
  edits: [
    {
      file: 'core/server/invalidation.ts',
      find: 'else route.backend.invalidate?.(inner);',
      replace: "else if (route.entry.table === 'mounts') route.backend.invalidate?.(inner);",
    },
  ],
  stories: ['scenarios/reads/cold-pages.scenario.ts'],
  seed: 1,
};
