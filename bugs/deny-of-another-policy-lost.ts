import type { Bug } from './bug.ts';

export const denyOfAnotherPolicyLost: Bug = {
  name: 'deny-of-another-policy-lost',
  breaks: 'A deny in any policy settles it.',
  source: "A stranger's mutant: rules of several policies for one path are merged in one place.",
  edits: [
    {
      file: 'core/server/policy/merge.ts',
      find: '    into.capabilities = DENY;\n',
      replace: '    return;\n',
    },
  ],
  stories: ['scenarios/identity/rights.scenario.ts'],
  seed: 1,
};
