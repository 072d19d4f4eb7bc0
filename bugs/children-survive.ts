import type { Bug } from './bug.ts';

export const childrenSurvive: Bug = {
  name: 'children-survive',
  breaks: 'With a token go its descendants.',
  source: 'Revoking only what is named leaves what was made with it: the reason for the parent index.',
  edits: [
    {
      file: 'core/server/tokens/revocation.ts',
      find: `if (children.length > 0) path.push(children);`,
      replace: `if (children.length > 0 && children[0] === '') path.push(children);`,
    },
  ],
  stories: ['scenarios/tokens/family.scenario.ts'],
  seed: 1,
};
