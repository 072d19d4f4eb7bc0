import type { Bug } from './bug.ts';

export const expiringRootMakesEndless: Bug = {
  name: 'expiring-root-makes-endless',
  breaks: 'A root token that ends leaves none behind that does not.',
  source: 'Whoever holds an emergency token for an hour must not hold root for ever.',
  edits: [
    {
      file: 'core/server/tokens/creation.ts',
      find: 'if (parent.ttl !== 0) throw refuse(',
      replace: 'if (parent.ttl < 0) throw refuse(',
    },
  ],
  stories: ['scenarios/tokens/what-one-may-give.scenario.ts'],
  seed: 1,
};
