import type { Bug } from './bug.ts';

export const leaseEndsEarly: Bug = {
  name: 'lease-ends-early',
  breaks: 'A lease lives as long as it was promised.',
  source: 'Lifetimes that are counted in the wrong unit or from the wrong moment.',
  edits: [
    {
      file: 'core/server/leases/expiry.ts',
      find: `else if (expireTime > 0) this.#deadlines.set(leaseId, expireTime);`,
      replace: `else if (expireTime > 0) this.#deadlines.set(leaseId, expireTime - 5_000_000);`,
    },
    {
      file: 'core/server/leases/expiry.ts',
      find: `if (entry.expireTime > this.#now() || entry.expireTime === 0)`,
      replace: `if (entry.expireTime === 0)`,
    },
  ],
  stories: ['scenarios/leases/many-end-across-a-failover.scenario.ts'],
  seed: 1,
};
