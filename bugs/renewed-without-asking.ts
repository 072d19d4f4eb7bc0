import type { Bug } from './bug.ts';

export const renewedWithoutAsking: Bug = {
  name: 'renewed-without-asking',
  breaks: 'Whom the RADIUS server no longer lets in is not renewed.',
  source: 'The password that was good at the login is taken for good.',
  edits: [
    {
      file: 'core/auth/radius/login.ts',
      find: `  await ask(config.server, username, asString(auth.internal['password']) ?? '', call.runtime);`,
      replace: `  if (asString(auth.internal['password']) === undefined) throw failure('no password');`,
    },
  ],
  stories: ['scenarios/logins/people.scenario.ts'],
  seed: 1,
};
