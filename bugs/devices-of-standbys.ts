import type { Bug } from './bug.ts';

export const devicesOfStandbys: Bug = {
  name: 'devices-of-standbys',
  breaks: 'An audit device that was enabled hears of what standbys answer, too.',
  source: 'A standby reads the table of devices once, when it begins to serve.',
  edits: [
    {
      file: 'core/server/invalidation.ts',
      find: "throw new Error('the audit table has changed');",
      replace: 'return true;',
    },
  ],
  stories: ['scenarios/audit/before-the-answer.scenario.ts'],
  seed: 1,
};
