import type { Bug } from './bug.ts';

export const policiesBeyondParent: Bug = {
  name: 'policies-beyond-parent',
  breaks: 'Nobody gives what he has not.',
  source: 'A list is compared with a list: one name that fits is not enough.',
  edits: [
    {
      file: 'core/server/tokens/child-policies.ts',
      find: '.every((name) => owned.includes(name))',
      replace: '.some((name) => owned.includes(name))',
    },
  ],
  stories: ['scenarios/tokens/what-one-may-give.scenario.ts'],
  seed: 1,
};
