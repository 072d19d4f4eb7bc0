import type { Bug } from './bug.ts';

export const policiesKnowNoNamespace: Bug = {
  name: 'policies-know-no-namespace',
  breaks: 'A policy speaks of its own namespace and what is below, of nothing beside it.',
  source: 'Where such a bug would live: paths are relative to a namespace everywhere but in a compiled ACL.',
  edits: [
    {
      file: 'core/server/policy/acl.ts',
      find: `const rule = prefix === '' ? relative : { ...relative, path: prefix + relative.path };`,
      replace: `const rule = relative;`,
    },
    {
      file: 'core/server/policy/acl.ts',
      find: `namespace.path === '' ? request.path : namespace.path + request.path`,
      replace: `request.path`,
    },
  ],
  stories: ['scenarios/namespaces/kept-apart.scenario.ts'],
  seed: 1,
};
