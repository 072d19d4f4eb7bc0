import type { Bug } from './bug.ts';

export const acknowledgeBeforeQuorum: Bug = {
  name: 'acknowledge-before-quorum',
  breaks: 'An acknowledged write is on a majority of the voters.',
  source: 'Raft §5.3; redis-raft and etcd of 2014 were caught answering from the leader alone (jepsen.io).',
  edits: [
    {
      file: 'core/raft/commitment.ts',
      find: 'const quorum = sorted[Math.floor((sorted.length - 1) / 2)];',
      replace: 'const quorum = sorted[sorted.length - 1];',
    },
  ],
  stories: ['scenarios/network/isolated-leader.scenario.ts', 'scenarios/swarm/anything.scenario.ts'],
  seed: 1,
};
