import type { Bug } from './bug.ts';

export const readingInStops: Bug = {
  name: 'reading-in-stops',
  breaks: 'A new leader reads in all leases, though one of them goes meanwhile.',
  source: 'A condition turned round: what is not there is taken for the sign to stop.',
  edits: [
    {
      file: 'core/server/leases/restore.ts',
      find: 'if (entry !== undefined && !restored(entry)) going = false;',
      replace: 'if (entry === undefined || !restored(entry)) going = false;',
    },
  ],
  stories: ['scenarios/leases/many-end-across-a-failover.scenario.ts'],
  seed: 1,
};
