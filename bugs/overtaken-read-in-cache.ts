import type { Bug } from './bug.ts';

export const overtakenReadInCache: Bug = {
  name: 'overtaken-read-in-cache',
  breaks: 'A read that a write has overtaken is not remembered.',
  source: 'The classic race of a cache that is filled after it was invalidated.',
  edits: [
    {
      file: 'core/storage/cache.ts',
      find: 'if (this.#reading.get(key) === mark) this.#entries.set(key, value ?? missing);',
      replace: 'this.#entries.set(key, value ?? missing);',
    },
  ],
  stories: ['scenarios/reads/cold-pages.scenario.ts', 'scenarios/swarm/anything.scenario.ts'],
  seed: 5,
};
