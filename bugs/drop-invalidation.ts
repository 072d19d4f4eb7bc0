import type { Bug } from './bug.ts';

export const dropInvalidation: Bug = {
  name: 'drop-invalidation',
  breaks: 'A standby does not read for ever what the active node has replaced.',
  source:
    'The first releases with standby reads had several of these: each cache needs its own invalidation, and one is easily forgotten.',
  edits: [
    {
      file: 'core/server/states.ts',
      find: 'for (const key of keys) this.#cache?.invalidate(key);',
      replace: 'for (const key of keys.slice(1)) this.#cache?.invalidate(key);',
    },
  ],
  stories: ['scenarios/swarm/anything.scenario.ts'],
  seed: 1,
};
