import type { Bug } from './bug.ts';

export const leaseNeverEnds: Bug = {
  name: 'lease-never-ends',
  breaks: 'A leader that no majority answers stops leading before another is elected.',
  source:
    'Raft thesis §6.4.1: without the lease, or a round of heartbeats before each read, an old leader reads stale.',
  edits: [
    {
      file: 'core/raft/leader.ts',
      find: 'if (contacted < quorumOf(latest)) {',
      replace: 'if (contacted < 0) {',
    },
  ],
  stories: ['scenarios/network/isolated-leader.scenario.ts', 'scenarios/swarm/anything.scenario.ts'],
  seed: 1,
};
