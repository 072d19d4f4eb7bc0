import type { Bug } from './bug.ts';

export const maximumCountedFromNow: Bug = {
  name: 'maximum-counted-from-now',
  breaks: 'No renewal takes a token past its maximum, which counts from its issue.',
  source: "A stranger's mutant: each renewal by itself looks right.",
  edits: [{ file: 'core/server/tokens/ttl.ts', find: 'end = start + max;', replace: 'end = now + max;' }],
  stories: ['scenarios/tokens/lifetimes.scenario.ts'],
  seed: 1,
};
