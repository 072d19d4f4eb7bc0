import type { Bug } from './bug.ts';

export const sealedNamespaceKeepsItsKey: Bug = {
  name: 'sealed-namespace-keeps-its-key',
  breaks: 'A namespace that was sealed by hand opens by nobody but who holds the shares.',
  source:
    'Where such a bug would live: standbys hold the keys of open namespaces and have to hear that one was sealed.',
  edits: [
    {
      file: 'core/server/namespaces/namespaces.ts',
      find: `await this.change(node, { manuallySealed: true });`,
      replace: ``,
    },
  ],
  stories: ['scenarios/namespaces/sealed-across-leaders.scenario.ts'],
  seed: 1,
};
