import type { Bug } from './bug.ts';

export const anyPasscodeInAHeader: Bug = {
  name: 'any-passcode-in-a-header',
  breaks: 'Who brings a passcode along with the login has to bring the right one.',
  source: 'A loop that looks for one who is content instead of one who is not.',
  edits: [
    {
      file: 'core/server/identity/login-mfa.ts',
      find: 'if ((await this.#fault(one, entity, given)) !== undefined) throw permissionDenied();',
      replace: 'if ((await this.#fault(one, entity, given)) === undefined) return undefined;',
    },
  ],
  stories: ['scenarios/logins/confirmed.scenario.ts'],
  seed: 1,
};
