import type { Bug } from './bug.ts';

export const archiveOffByOne: Bug = {
  name: 'archive-off-by-one',
  breaks: 'Whoever shuts off old versions of a key can bring back those that were not trimmed, each as it was.',
  source: "A stranger's mutant: the archive begins at another version after the first trimming only.",
  edits: [
    {
      file: 'core/engines/transit/archive.ts',
      find: 'archive[number - policy.archiveMinVersion]',
      replace: 'archive[number]',
    },
  ],
  stories: ['scenarios/transit/keys.scenario.ts'],
  seed: 1,
};
