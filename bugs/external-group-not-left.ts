import type { Bug } from './bug.ts';

export const externalGroupNotLeft: Bug = {
  name: 'external-group-not-left',
  breaks: 'Whom a login names in no group is in none of its method.',
  source: 'An empty list looks like nothing to do.',
  edits: [
    {
      file: 'core/server/identity/external-groups.ts',
      find: '  const first = plan();',
      replace: '  if (names.length === 0) return;\n  const first = plan();',
    },
  ],
  stories: ['scenarios/identity/rights.scenario.ts'],
  seed: 1,
};
