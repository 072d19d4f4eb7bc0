import type { Bug } from './bug.ts';

export const ldapCheckInKeepsThePassword: Bug = {
  name: 'ldap-check-in-keeps-the-password',
  breaks: 'Who borrowed an account has its password only as long as the lease.',
  source: 'A check-in that only files the account as available: it looks right in every answer of the API.',
  edits: [
    {
      file: 'core/engines/openldap/library-paths.ts',
      find: `    await setPasswordOfUser(account, password, config, call);
`,
      replace: '',
    },
  ],
  stories: ['scenarios/ldap/check-out.scenario.ts'],
  seed: 1,
};
