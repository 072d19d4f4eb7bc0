import type { Bug } from './bug.ts';

export const childLeftInIndex: Bug = {
  name: 'child-left-in-index',
  breaks: "A token that was revoked is no longer its parent's child.",
  source: "A stranger's mutant: rows of an index that nobody reads until they are many.",
  edits: [
    {
      file: 'core/server/tokens/store.ts',
      find: 'await this.home(entry.parent)?.services.tokens.disown(entry.parent, inNamespace(name, namespace));',
      replace: '',
    },
  ],
  stories: ['scenarios/tokens/family.scenario.ts'],
  seed: 1,
};
