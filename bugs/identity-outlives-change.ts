import type { Bug } from './bug.ts';

export const identityOutlivesChange: Bug = {
  name: 'identity-outlives-change',
  breaks: 'A standby shows an entity or a group as it was last changed on the active node.',
  source: "A stranger's mutant: what a node keeps in memory, once more.",
  edits: [
    {
      file: 'core/server/invalidation.ts',
      find: "if (kindOf(route.entry.type) === 'identity') services.identity.invalidate(inner);",
      replace: "if (kindOf(route.entry.type) === 'identity') return;",
    },
  ],
  stories: ['scenarios/reads/cold-pages.scenario.ts'],
  seed: 1,
};
