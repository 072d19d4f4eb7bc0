import type { Bug } from './bug.ts';

export const toldChangeDropped: Bug = {
  name: 'told-change-dropped',
  breaks: 'A standby over shared storage forgets everything that it is told has changed.',
  source: 'Several messages that are worked off at once are the usual place where the first or the last one gets lost.',
  edits: [
    {
      file: 'core/server/ha/told-changes.ts',
      find: 'keys.push(...next.keys);',
      replace: 'keys.push(...next.keys.slice(1));',
    },
  ],
  stories: ['scenarios/postgresql/read-after-write.scenario.ts', 'scenarios/postgresql/revoked.scenario.ts'],
  seed: 1,
};
