import type { Bug } from './bug.ts';

export const patchIgnoresCas: Bug = {
  name: 'patch-ignores-cas',
  breaks: 'A patch that names the version it knows changes no other one.',
  source: 'Patches came to KV later than writes, by a path of their own.',
  edits: [
    {
      file: 'core/engines/kv/data-paths.ts',
      find: 'const config = await store.config(storage);\n          checkAndSet(options, config, metadata);',
      replace: 'const config = await store.config(storage);',
    },
  ],
  stories: ['scenarios/kv/versions.scenario.ts'],
  seed: 1,
};
