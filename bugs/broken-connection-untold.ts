import type { Bug } from './bug.ts';

export const brokenConnectionUntold: Bug = {
  name: 'broken-connection-untold',
  breaks: 'Whoever has a request forwarded hears when the connection to the active node breaks.',
  source: 'A table of pending calls that is dropped with its connection.',
  edits: [
    {
      file: 'core/server/ha/forwarding-client.ts',
      find: '    for (const pending of this.#pending.values()) pending.reject(error);',
      replace: '    void error;',
    },
  ],
  stories: ['scenarios/network/forwarded-once.scenario.ts'],
  seed: 1,
};
