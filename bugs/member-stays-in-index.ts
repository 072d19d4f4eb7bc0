import type { Bug } from './bug.ts';

export const memberStaysInIndex: Bug = {
  name: 'member-stays-in-index',
  breaks: 'Who is taken out of a group has no longer what it gives.',
  source: "A stranger's mutant: storage and every answer about the group are right, the index by member is not.",
  edits: [
    {
      file: 'core/server/identity/group-index.ts',
      find: 'for (const member of old.memberEntityIds ?? []) drop(this.#byMember, member, id);',
      replace: '',
    },
  ],
  stories: ['scenarios/identity/rights.scenario.ts'],
  seed: 1,
};
