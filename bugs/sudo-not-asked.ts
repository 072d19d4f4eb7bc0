import type { Bug } from './bug.ts';

export const sudoNotAsked: Bug = {
  name: 'sudo-not-asked',
  breaks: 'A path that asks for sudo is closed to who has only the capability.',
  source: "A stranger's mutant: whoever tests as root has it all.",
  edits: [
    {
      file: 'core/server/auth-check.ts',
      find: '(!needsSudo || decision.sudo)',
      replace: 'true',
    },
  ],
  stories: ['scenarios/identity/rights.scenario.ts'],
  seed: 1,
};
