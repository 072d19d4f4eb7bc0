import type { Bug } from './bug.ts';

export const periodWithoutSudo: Bug = {
  name: 'period-without-sudo',
  breaks: 'Only who has sudo makes tokens that can be renewed for ever.',
  source: 'One of the checks that the policy of a path does not make: each can be lost in a refactoring.',
  edits: [
    {
      file: 'core/server/tokens/creation.ts',
      find: 'if (period > 0 && !sudo) throw',
      replace: 'if (period < 0 && !sudo) throw',
    },
  ],
  stories: ['scenarios/tokens/what-one-may-give.scenario.ts'],
  seed: 2,
};
