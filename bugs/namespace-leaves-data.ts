import type { Bug } from './bug.ts';

export const namespaceLeavesData: Bug = {
  name: 'namespace-leaves-data',
  breaks: 'Of a namespace that was deleted nothing is stored any more.',
  source: "A stranger's mutant: no answer of the API shows it.",
  edits: [
    {
      file: 'core/server/namespaces/namespaces.ts',
      find: `    await clearPrefix(above.barrier, prefix);
`,
      replace: '',
    },
  ],
  stories: ['scenarios/namespaces/gone.scenario.ts'],
  seed: 1,
};
