import type { Bug } from './bug.ts';

export const writeOnDeposedLeader: Bug = {
  name: 'write-on-deposed-leader',
  breaks: 'A leader that was deposed acknowledges nothing that it had not committed.',
  source: 'Futures that are resolved instead of refused when leadership ends: found in several Raft libraries.',
  edits: [
    {
      file: 'core/raft/leader.ts',
      find: `  for (const { future } of leadership.inflight.values()) {
    if (future !== 0) m.effects.reject(future, raftError('leadership-lost'));`,
      replace: `  for (const [index, { future }] of leadership.inflight) {
    if (future !== 0) m.effects.resolve(future, index, 'applied');`,
    },
  ],
  stories: ['scenarios/network/isolated-leader.scenario.ts', 'scenarios/swarm/anything.scenario.ts'],
  seed: 1,
};
