import type { Bug } from './bug.ts';

export const confirmedTwice: Bug = {
  name: 'confirmed-twice',
  breaks: 'A login that was confirmed gives one token.',
  source: "A stranger's mutant: nobody had played logins with a second factor.",
  edits: [
    {
      file: 'core/server/identity/login-mfa.ts',
      find: "if (!this.#pending.delete(id)) throw refuse('invalid request ID');",
      replace: '',
    },
  ],
  stories: ['scenarios/logins/confirmed.scenario.ts'],
  seed: 1,
};
