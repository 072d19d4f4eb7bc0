import type { Bug } from './bug.ts';

export const ldapRootPasswordKeptTooLate: Bug = {
  name: 'ldap-root-password-kept-too-late',
  breaks: 'There is no moment in which a directory has a password of its administrator that storage does not.',
  source: "Upstream's own order: the directory is told first, and the password kept afterwards.",
  edits: [
    {
      file: 'core/engines/openldap/root-password.ts',
      find: `  const { directory } = config;
`,
      replace: `  const { directory } = config;
  await deleteWal(here.storage, id);
`,
    },
  ],
  stories: ['scenarios/ldap/root-password.scenario.ts'],
  seed: 1,
};
