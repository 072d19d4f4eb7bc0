import type { Bug } from './bug.ts';

export const archiveOutlivesKey: Bug = {
  name: 'archive-outlives-key',
  breaks: 'Of a key that was deleted nothing is kept, old versions included.',
  source: "A stranger's mutant: no answer of the API shows it.",
  edits: [
    {
      file: 'core/engines/transit/store.ts',
      find: '        await new Collection(archives, store).delete(name);\n',
      replace: '',
    },
  ],
  stories: ['scenarios/transit/keys.scenario.ts'],
  seed: 4,
};
