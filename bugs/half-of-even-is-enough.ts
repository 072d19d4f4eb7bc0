import type { Bug } from './bug.ts';

export const halfOfEvenIsEnough: Bug = {
  name: 'half-of-even-is-enough',
  breaks: 'Two of four voters are no majority.',
  source: 'Clusters are tried with odd numbers, and half of those, rounded up, is right.',
  edits: [
    {
      file: 'core/raft/configuration.ts',
      find: 'return Math.floor(voters / 2) + 1;',
      replace: 'return Math.ceil(voters / 2);',
    },
  ],
  stories: ['scenarios/swarm/elections.scenario.ts'],
  seed: 2,
};
