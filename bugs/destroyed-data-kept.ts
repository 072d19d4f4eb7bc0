import type { Bug } from './bug.ts';

export const destroyedDataKept: Bug = {
  name: 'destroyed-data-kept',
  breaks: 'What was destroyed is not on the disk any more.',
  source: "A stranger's mutant: no answer of the API shows it.",
  edits: [
    {
      file: 'core/engines/kv/version-paths.ts',
      find: 'for (const number of versions) await storage.delete(await store.versionPlace(storage, path, number));',
      replace: 'await Promise.resolve(storage);',
    },
  ],
  stories: ['scenarios/kv/versions.scenario.ts'],
  seed: 1,
};
