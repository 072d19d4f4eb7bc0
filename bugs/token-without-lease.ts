import type { Bug } from './bug.ts';

export const tokenWithoutLease: Bug = {
  name: 'token-without-lease',
  breaks: 'A token whose lease was never stored is none.',
  source: 'Two writes, and a crash in between: without a lease nothing would ever end it.',
  edits: [
    {
      file: 'core/server/tokens/tokens.ts',
      find: `      if (this.#context.active) await this.#context.services.leases.revokeToken(entry);
      return undefined;`,
      replace: '      return entry;',
    },
  ],
  stories: ['scenarios/tokens/half-done.scenario.ts'],
  seed: 1,
};
