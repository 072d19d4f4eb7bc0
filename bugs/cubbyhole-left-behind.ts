import type { Bug } from './bug.ts';

export const cubbyholeLeftBehind: Bug = {
  name: 'cubbyhole-left-behind',
  breaks: 'With a token goes what only it could read.',
  source: 'A step of a revocation that nobody can see missing: the token that could look is gone.',
  edits: [
    {
      file: 'core/server/tokens/revocation.ts',
      find: 'await this.#clearCubbyhole(entry.cubbyholeId);',
      replace: '',
    },
  ],
  stories: ['scenarios/swarm/anything.scenario.ts', 'scenarios/tokens/wrapped-once.scenario.ts'],
  seed: 1,
};
