import type { Bug } from './bug.ts';

export const twoEntitiesForOne: Bug = {
  name: 'two-entities-for-one',
  breaks: 'Whoever logs in for the first time, several times at once, is one.',
  source: 'Looking and making without a lock around both.',
  edits: [
    {
      file: 'core/server/identity/identity.ts',
      find: 'return this.#directory.exclusive(async () => {',
      replace: 'return (async (f: () => Promise<Found | undefined>) => f())(async () => {',
    },
    {
      file: 'core/server/identity/identity.ts',
      find: `      const again = this.#find(alias);
`,
      replace: `      const again = known;
`,
    },
  ],
  stories: ['scenarios/identity/entities-survive-failover.scenario.ts'],
  seed: 1,
};
