import type { Bug } from './bug.ts';

export const lockoutTooShort: Bug = {
  name: 'lockout-too-short',
  breaks: 'A locked user waits for fifteen minutes.',
  source:
    'Counted from the first failure instead of the last, or in the wrong clock, the wait shrinks with each guess.',
  edits: [
    {
      file: 'core/server/lockout.ts',
      find: `if (this.#clock.wall() - failures.last < duration) return true;`,
      replace: `if (this.#clock.wall() - failures.last < duration - 60_000_000) return true;`,
    },
  ],
  stories: ['scenarios/limits/lockout.scenario.ts'],
  seed: 1,
};
