import type { Bug } from './bug.ts';

export const wholeNumbersInBaseTen: Bug = {
  name: 'whole-numbers-in-base-ten',
  breaks: 'A number that is sent as a text is read as Go reads it, with any base.',
  source: 'Drawn in the fifth round of mutants: the other of two bases is given.',
  edits: [
    {
      file: 'core/framework/coerce.ts',
      find: 'const number = parseGoInt(text, 0);',
      replace: 'const number = parseGoInt(text, 10);',
    },
  ],
  stories: ['scenarios/recorded/http.scenario.ts'],
  seed: 1,
};
