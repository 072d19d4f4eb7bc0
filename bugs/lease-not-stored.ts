import type { Bug } from './bug.ts';

export const leaseNotStored: Bug = {
  name: 'lease-not-stored',
  breaks: 'Who lends knows of it after a failover.',
  source: 'Registration in memory works until the node dies; the in-memory timer hides the missing write.',
  edits: [
    {
      file: 'core/server/leases/leases.ts',
      find: `    try {
      await this.store.save(entry);`,
      replace: '    try {',
    },
  ],
  stories: ['scenarios/leases/token-takes-its-leases.scenario.ts', 'scenarios/database/credentials-end.scenario.ts'],
  seed: 1,
};
