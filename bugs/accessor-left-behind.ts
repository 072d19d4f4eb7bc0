import type { Bug } from './bug.ts';

export const accessorLeftBehind: Bug = {
  name: 'accessor-left-behind',
  breaks: 'With a token goes its accessor.',
  source: 'Upstream has a tidy operation because of those that were left.',
  edits: [
    {
      file: 'core/server/tokens/store.ts',
      find: "if (entry.accessor !== '') await barrier.delete(ACCESSOR + (await this.salt.id(entry.accessor)));",
      replace: '',
    },
  ],
  stories: ['scenarios/swarm/anything.scenario.ts', 'scenarios/tokens/family.scenario.ts'],
  seed: 1,
};
