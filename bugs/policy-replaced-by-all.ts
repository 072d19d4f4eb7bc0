import type { Bug } from './bug.ts';

export const policyReplacedByAll: Bug = {
  name: 'policy-replaced-by-all',
  breaks: 'Of those who replace the same version of a policy one gets his way.',
  source: 'Check-and-set without a lock around the check and the setting.',
  edits: [
    {
      file: 'core/server/policy/policies.ts',
      find: 'await this.#locks.run(name, async () => {\n      const patch',
      replace: 'await Promise.resolve().then(async () => {\n      const patch',
    },
  ],
  stories: ['scenarios/tokens/policies-in-time.scenario.ts'],
  seed: 1,
};
