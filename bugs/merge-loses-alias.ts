import type { Bug } from './bug.ts';

export const mergeLosesAlias: Bug = {
  name: 'merge-loses-alias',
  breaks: 'An entity that another is merged into has its aliases.',
  source: "A stranger's mutant: nobody had merged anything in a story.",
  edits: [
    {
      file: 'core/engines/identity/merge.ts',
      find: 'aliases: [...to.aliases, ...moved],',
      replace: 'aliases: [...to.aliases, ...moved.slice(1)],',
    },
  ],
  stories: ['scenarios/identity/rights.scenario.ts'],
  seed: 1,
};
