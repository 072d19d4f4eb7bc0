import type { Bug } from './bug.ts';

export const changeLostWhileReadsAreSetUp: Bug = {
  name: 'change-lost-while-reads-are-set-up',
  breaks: 'A standby never hears of what changed while it read the state from which it answers.',
  source: 'Between reading and listening lies a gap in every cache that does both.',
  edits: [
    {
      file: 'core/server/ha/invalidations.ts',
      find: 'if (!this.#enabled) return;',
      replace: 'if (!this.#enabled || this.#held) return;',
    },
  ],
  stories: ['scenarios/reads/set-up.scenario.ts'],
  seed: 1,
};
