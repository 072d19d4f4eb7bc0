import type { Bug } from './bug.ts';

export const sealedNodeKeepsNamespaces: Bug = {
  name: 'sealed-node-keeps-namespaces',
  breaks: 'A sealed node holds no key.',
  source:
    'Where such a bug would live: keys of namespaces outlast a term of office, and have to go when the node seals.',
  edits: [
    {
      file: 'core/server/states.ts',
      find: `    this.#namespaceSeals.sealAll();`,
      replace: ``,
    },
  ],
  stories: ['scenarios/seal/sealed-by-hand.scenario.ts'],
  seed: 1,
};
