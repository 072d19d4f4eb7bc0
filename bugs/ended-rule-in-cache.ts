import type { Bug } from './bug.ts';

export const endedRuleInCache: Bug = {
  name: 'ended-rule-in-cache',
  breaks: 'A rule of a policy ends at its time, whoever has used it until then.',
  source: 'What is made of policies is kept, and knows until when only if every part of them is asked.',
  edits: [
    {
      file: 'core/server/policy/applicable.ts',
      find: '      validUntil = Math.min(validUntil, rule.expiration);\n',
      replace: '',
    },
  ],
  stories: ['scenarios/tokens/policies-in-time.scenario.ts'],
  seed: 1,
};
