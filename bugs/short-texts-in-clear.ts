import type { Bug } from './bug.ts';

export const shortTextsInClear: Bug = {
  name: 'short-texts-in-clear',
  breaks: 'No text of a request or an answer can be read in an audit log.',
  source: 'What looks like a time is left as it is; what is too short to be one may be taken for one.',
  edits: [
    {
      file: 'core/server/audit/hash.ts',
      find: 'text.length >= 20 && ',
      replace: 'text.length < 6 || text.length >= 20 && ',
    },
  ],
  stories: ['scenarios/audit/before-the-answer.scenario.ts'],
  seed: 1,
};
