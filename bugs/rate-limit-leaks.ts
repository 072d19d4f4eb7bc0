import type { Bug } from './bug.ts';

export const rateLimitLeaks: Bug = {
  name: 'rate-limit-leaks',
  breaks: 'A quota of ten a second lets ten through.',
  source: 'The off-by-one of every token bucket.',
  edits: [
    {
      file: 'core/server/quotas/limiter.ts',
      find: `    if (bucket.left > 0) {`,
      replace: `    if (bucket.left >= 0) {`,
    },
  ],
  stories: ['scenarios/limits/rate.scenario.ts'],
  seed: 1,
};
