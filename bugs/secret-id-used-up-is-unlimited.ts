import type { Bug } from './bug.ts';

export const secretIdUsedUpIsUnlimited: Bug = {
  name: 'secret-id-used-up-is-unlimited',
  breaks: 'A secret id of so many uses is gone after the last one.',
  source: "A stranger's mutant: none left and no limit are both written 0.",
  edits: [
    {
      file: 'core/auth/approle/login.ts',
      find: '      if (secret.numUses === 1) await state.destroy(storage, role, hmac, secret.accessor);\n      else {',
      replace: '      {',
    },
  ],
  stories: ['scenarios/logins/app-roles.scenario.ts'],
  seed: 1,
};
