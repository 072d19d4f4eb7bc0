import type { Bug } from './bug.ts';

export const namespacePoliciesNotTold: Bug = {
  name: 'namespace-policies-not-told',
  breaks: 'A policy of a namespace is on every node what it was last made.',
  source: "A stranger's mutant: root is what everybody tries.",
  edits: [
    {
      file: 'core/server/invalidation.ts',
      find: "if (key.startsWith('sys/policy/'))",
      replace: "if (key.startsWith('sys/policy/') && key === whole)",
    },
  ],
  stories: ['scenarios/reads/cold-pages.scenario.ts'],
  seed: 1,
};
