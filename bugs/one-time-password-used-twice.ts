import type { Bug } from './bug.ts';

export const oneTimePasswordUsedTwice: Bug = {
  name: 'one-time-password-used-twice',
  breaks: 'A one-time password of the SSH engine lets one in.',
  source:
    'To look it up and to delete it are two steps; without a lock around both, two hosts that ask at once are both let in.',
  edits: [
    {
      file: 'core/engines/ssh/otp-paths.ts',
      find: `return state.otps.write(place, async () => {`,
      replace: `return Promise.resolve().then(async () => {`,
    },
  ],
  stories: ['scenarios/ssh/one-time.scenario.ts'],
  seed: 1,
};
