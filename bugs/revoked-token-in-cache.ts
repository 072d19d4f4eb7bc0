import type { Bug } from './bug.ts';

export const revokedTokenInCache: Bug = {
  name: 'revoked-token-in-cache',
  breaks: 'A revoked token is refused by every node.',
  source:
    'CVE-2021-32923 and its kin in Vault: tokens that outlive their revocation because somebody still remembers them.',
  edits: [
    {
      file: 'core/server/tokens/store.ts',
      find: `if (key.startsWith('id/')) this.#cache.delete(key.slice(3));`,
      replace: `if (key.startsWith('id/')) return;`,
    },
  ],
  stories: ['scenarios/swarm/anything.scenario.ts'],
  seed: 3,
};
