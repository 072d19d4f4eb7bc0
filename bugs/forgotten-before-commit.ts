import type { Bug } from './bug.ts';

export const forgottenBeforeCommit: Bug = {
  name: 'forgotten-before-commit',
  breaks: 'Who reads while a transaction commits leaves nothing old in the cache.',
  source: 'To invalidate before a change instead of after it looks like the careful order.',
  edits: [
    {
      file: 'core/storage/cache.ts',
      find: `    try {
      await this.#inner.commit();
    } finally {
      for (const key of this.#written) this.#invalidate(key);
    }`,
      replace: `    for (const key of this.#written) this.#invalidate(key);
    await this.#inner.commit();`,
    },
  ],
  stories: ['scenarios/transactions/both-or-refused.scenario.ts'],
  seed: 1,
};
