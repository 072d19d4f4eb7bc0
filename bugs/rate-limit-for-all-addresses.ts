import type { Bug } from './bug.ts';

export const rateLimitForAllAddresses: Bug = {
  name: 'rate-limit-for-all-addresses',
  breaks: 'Each address has a rate of its own: who asks too much shuts out nobody else.',
  source: "A stranger's mutant: with one client there is no difference.",
  edits: [
    { file: 'core/server/quotas/quotas.ts', find: 'found.limiter.take(address)', replace: "found.limiter.take('')" },
  ],
  stories: ['scenarios/limits/who-counts.scenario.ts'],
  seed: 1,
};
