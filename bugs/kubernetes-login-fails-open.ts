import type { Bug } from './bug.ts';

export const kubernetesLoginFailsOpen: Bug = {
  name: 'kubernetes-login-fails-open',
  breaks: 'Without the API nobody logs in with a token of Kubernetes.',
  source: 'To believe a token while its reviewer is away is what an operator in an outage asks for first.',
  edits: [
    {
      file: 'core/auth/kubernetes/login.ts',
      find: `    throw permissionDenied();
  }
  const name`,
      replace: `    if (!error.message.startsWith('Post')) throw permissionDenied();
  }
  const name`,
    },
  ],
  stories: ['scenarios/services/kubernetes-away-at-login.scenario.ts'],
  seed: 1,
};
