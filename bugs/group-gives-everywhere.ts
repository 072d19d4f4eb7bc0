import type { Bug } from './bug.ts';

export const groupGivesEverywhere: Bug = {
  name: 'group-gives-everywhere',
  breaks: 'What a group gives in its own namespace it gives only to members from there or from above.',
  source: "Where a bug of unsafe_cross_namespace_identity would live: the namespaces above and beside the member's.",
  edits: [
    {
      file: 'core/server/identity/identity.ts',
      find: 'this.#context.in(id)?.namespace.path.startsWith(path) === true',
      replace: 'this.#context.in(id) !== undefined',
    },
  ],
  stories: ['scenarios/identity/across-namespaces.scenario.ts'],
  seed: 1,
};
