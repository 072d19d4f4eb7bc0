import type { Bug } from './bug.ts';

export const blockEndsEarly: Bug = {
  name: 'block-ends-early',
  breaks: 'Who exceeds a quota is blocked for as long as it says.',
  source: 'A block that is measured from the start of the bucket instead of the offence.',
  edits: [
    {
      file: 'core/server/quotas/limiter.ts',
      find: `if (now - since < this.#block) return`,
      replace: `if (now - since < this.#block - this.#interval * 5) return`,
    },
  ],
  stories: ['scenarios/limits/rate.scenario.ts'],
  seed: 1,
};
