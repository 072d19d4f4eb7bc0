import type { Bug } from './bug.ts';

export const forwardedAgain: Bug = {
  name: 'forwarded-again',
  breaks: 'A write that a standby forwards happens once at most.',
  source: 'gRPC retries calls for whoever asks it to; a call that was sent may have been done.',
  edits: [
    {
      file: 'core/server/ha/forwarding-client.ts',
      find: `forward.errors');
      throw error;`,
      replace: `forward.errors');
      answer = await ask();`,
    },
  ],
  stories: ['scenarios/network/forwarded-once.scenario.ts'],
  seed: 1,
};
