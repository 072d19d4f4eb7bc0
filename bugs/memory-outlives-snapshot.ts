import type { Bug } from './bug.ts';

export const memoryOutlivesSnapshot: Bug = {
  name: 'memory-outlives-snapshot',
  breaks: 'What a standby keeps in memory does not outlive the state that it is of.',
  source: 'A snapshot names no keys that changed: what was read before has to be read anew.',
  edits: [
    {
      file: 'core/server/ha/ha.ts',
      find: `    this.#node.purge();
    this.#reads.restart();`,
      replace: '    this.#node.purge();',
    },
  ],
  stories: ['scenarios/disk/catch-up-by-snapshot.scenario.ts'],
  seed: 2,
};
