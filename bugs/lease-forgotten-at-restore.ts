import type { Bug } from './bug.ts';

export const leaseForgottenAtRestore: Bug = {
  name: 'lease-forgotten-at-restore',
  breaks: 'Every lease ends, whoever is active then.',
  source:
    'Restoring in the background while requests go on is where Vault lost leases: what is loaded late is easily skipped.',
  edits: [
    {
      file: 'core/server/leases/leases.ts',
      find: `if (!this.#expiry.known(entry.leaseId)) this.#expiry.schedule(entry, 'restored');`,
      replace: `if (!this.#expiry.known(entry.leaseId) && !entry.leaseId.endsWith('7')) this.#expiry.schedule(entry, 'restored');`,
    },
  ],
  stories: ['scenarios/leases/many-end-across-a-failover.scenario.ts'],
  seed: 1,
};
