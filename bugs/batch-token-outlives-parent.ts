import type { Bug } from './bug.ts';

export const batchTokenOutlivesParent: Bug = {
  name: 'batch-token-outlives-parent',
  breaks: 'A batch token ends with the token that made it.',
  source: "A stranger's mutant: nothing of a batch token is stored, so nothing of it can be revoked.",
  edits: [
    {
      file: 'core/server/tokens/store.ts',
      find: "    if (entry.parent !== '' && (await this.find(entry.parent)) === undefined) return undefined;\n",
      replace: '',
    },
  ],
  stories: ['scenarios/tokens/lifetimes.scenario.ts'],
  seed: 1,
};
