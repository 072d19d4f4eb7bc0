import type { Bug } from './bug.ts';

export const ageByAnotherClock: Bug = {
  name: 'age-by-another-clock',
  breaks: 'A key is rotated when it is as old as was said.',
  source: 'The time of day and the time since the start look alike where both are numbers.',
  edits: [
    {
      file: 'core/storage/barrier/rotation.ts',
      find: 'barrier.runtime.clock.wall() - installed;',
      replace: 'barrier.runtime.clock.monotonic() - installed;',
    },
  ],
  stories: ['scenarios/barrier/due-by-itself.scenario.ts'],
  seed: 1,
};
