import type { Bug } from './bug.ts';

export const userNotRenewed: Bug = {
  name: 'user-not-renewed',
  breaks: 'As long as a lease is renewed, its user may log in to the database.',
  source: 'The server renews the lease, the database knows of its own end only.',
  edits: [
    {
      file: 'core/engines/database/creds-paths.ts',
      find: '  if (ttl > 0) {',
      replace: '  if (ttl < 0) {',
    },
  ],
  stories: ['scenarios/tokens/lifetimes.scenario.ts'],
  seed: 3,
};
