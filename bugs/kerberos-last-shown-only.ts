import type { Bug } from './bug.ts';

export const kerberosLastShownOnly: Bug = {
  name: 'kerberos-last-shown-only',
  breaks: 'With a ticket one logs in once.',
  source: 'A memory of what was shown that keeps the last of each client: it refuses what is shown twice in a row.',
  edits: [
    {
      file: 'core/auth/kerberos/replays.ts',
      find: '    own.set(at, { seen: now, service });\n',
      replace: '    own.clear();\n    own.set(at, { seen: now, service });\n',
    },
  ],
  stories: ['scenarios/logins/tickets.scenario.ts'],
  seed: 1,
};
