import type { Bug } from './bug.ts';

export const roleTypeSetBack: Bug = {
  name: 'role-type-set-back',
  breaks: 'A change of one field of a role leaves the others: what was bound in the whole cluster stays so.',
  source: 'Drawn in the fifth round of mutants: the default instead of what is kept.',
  edits: [
    {
      file: 'core/engines/kubernetes/paths.ts',
      find: 'typeOf(sent.kubernetes_role_type ?? old.roleType)',
      replace: "typeOf(sent.kubernetes_role_type ?? '')",
    },
  ],
  stories: ['scenarios/recorded/kubernetes.scenario.ts'],
  seed: 1,
};
