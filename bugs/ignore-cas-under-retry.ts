import type { Bug } from './bug.ts';

export const ignoreCasUnderRetry: Bug = {
  name: 'ignore-cas-under-retry',
  breaks: 'Of all check-and-set writes that name one version, one wins.',
  source:
    'A write that finds its predecessor already replaced is taken for its own retry: idempotence by wishful thinking.',
  edits: [
    {
      file: 'core/engines/kv/options.ts',
      find: 'if (cas !== metadata.currentVersion) throw',
      replace: 'if (cas !== metadata.currentVersion && cas + 1 !== metadata.currentVersion) throw',
    },
  ],
  stories: ['scenarios/swarm/anything.scenario.ts'],
  seed: 2,
};
