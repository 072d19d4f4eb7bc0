import type { Bug } from './bug.ts';

export const newStateNotSynced: Bug = {
  name: 'new-state-not-synced',
  breaks: 'A file that takes the place of another is durable before.',
  source:
    'Renaming without a sync: the first thing that applications forget about file systems (All File Systems Are Not Created Equal, OSDI 2014).',
  edits: [
    {
      file: 'core/storage/raft/state.ts',
      find: '  await journal.append(writer.take(), 1);',
      replace: '  await journal.append(writer.take(), 0);',
    },
  ],
  stories: ['scenarios/swarm/disks.scenario.ts'],
  seed: 1,
};
