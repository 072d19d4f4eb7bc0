import type { Bug } from './bug.ts';

export const changeForgetsAudience: Bug = {
  name: 'change-forgets-audience',
  breaks: 'A change of one field of a role leaves the others.',
  source: 'The usual slip of partial updates: what was not sent is taken for empty.',
  edits: [
    {
      file: 'core/auth/kubernetes/role-paths.ts',
      find: 'role.audience = input.audience ?? role.audience;',
      replace: "role.audience = input.audience ?? '';",
    },
  ],
  stories: ['scenarios/reads/kept-as-written.scenario.ts'],
  seed: 1,
};
