import type { Bug } from './bug.ts';

export const deletedUserRenewed: Bug = {
  name: 'deleted-user-renewed',
  breaks: 'Who was deleted is not renewed.',
  source: 'An early return with the wrong answer.',
  edits: [
    {
      file: 'core/auth/userpass/userpass.ts',
      find: `if (user === undefined) return undefined;
    if (!samePolicies`,
      replace: `if (user === undefined) return reply({ auth });
    if (!samePolicies`,
    },
  ],
  stories: ['scenarios/logins/people.scenario.ts'],
  seed: 1,
};
