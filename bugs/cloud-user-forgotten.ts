import type { Bug } from './bug.ts';

export const cloudUserForgotten: Bug = {
  name: 'cloud-user-forgotten',
  breaks: 'A user of a cloud that nobody got a lease on is deleted.',
  source: 'Vault deletes the note of a user with any error of CreateUser, that of a lost answer included.',
  edits: [
    {
      file: 'core/engines/aws/credentials.ts',
      find: `if (error instanceof UserError && !unanswered(error)) await`,
      replace: `if (error instanceof UserError) await`,
    },
  ],
  stories: ['scenarios/services/cloud-away-at-revocation.scenario.ts'],
  seed: 1,
};
