import type { Bug } from './bug.ts';

export const stateGoodTwice: Bug = {
  name: 'state-good-twice',
  breaks: 'A login that a browser began is good once.',
  source: 'A wrong word for the flag that keeps what a direct login still has to be asked for.',
  edits: [
    {
      file: 'core/auth/jwt/oidc/callback.ts',
      find: '    keep = direct;',
      replace: '    keep = true;',
    },
  ],
  stories: ['scenarios/logins/browser.scenario.ts'],
  seed: 1,
};
