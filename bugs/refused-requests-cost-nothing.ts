import type { Bug } from './bug.ts';

export const refusedRequestsCostNothing: Bug = {
  name: 'refused-requests-cost-nothing',
  breaks: 'A refused request burns a use, too (facts §5.2).',
  source:
    'The order of counting and deciding: upstream counts first, so that guessing with a limited token is limited.',
  edits: [
    {
      file: 'core/server/request.ts',
      find: `token.numUses !== 0 && !carriesOut(request, token)) {`,
      replace: `token.numUses !== 0 && !checked.denied) {`,
    },
  ],
  stories: ['scenarios/tokens/limited-uses.scenario.ts'],
  seed: 1,
};
