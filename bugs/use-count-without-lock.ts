import type { Bug } from './bug.ts';

export const useCountWithoutLock: Bug = {
  name: 'use-count-without-lock',
  breaks: 'A token of ten uses is good for ten requests.',
  source: 'The plain lost update: two requests read the same count before either writes it.',
  edits: [
    {
      file: 'core/server/tokens/store.ts',
      find: `    return this.#locks.run(name, async () => {
      const entry = await this.byName(name);
      if (entry === undefined || entry.numUses === 0) return entry;`,
      replace: `    return Promise.resolve().then(async () => {
      const entry = await this.byName(name);
      if (entry === undefined || entry.numUses === 0) return entry;`,
    },
  ],
  stories: ['scenarios/tokens/limited-uses.scenario.ts', 'scenarios/tokens/wrapped-once.scenario.ts'],
  seed: 1,
};
