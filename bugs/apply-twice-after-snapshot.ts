import type { Bug } from './bug.ts';

export const applyTwiceAfterSnapshot: Bug = {
  name: 'apply-twice-after-snapshot',
  breaks: 'Every entry is applied once.',
  source:
    'hashicorp/raft restores from its snapshot at the start and applies what follows; OpenBao, whose state is on disk already, has to turn that off (NoSnapshotRestoreOnStart).',
  edits: [
    {
      file: 'core/raft/node.ts',
      find: 'const applied = options.fsm.applied();',
      replace: 'const applied = head ?? options.fsm.applied();',
    },
    {
      file: 'core/storage/raft/fsm.ts',
      find: `if (entry.index <= this.#dataIndex) return 'applied';`,
      replace: `if (entry.index < 0) return 'applied';`,
    },
  ],
  stories: ['scenarios/swarm/anything.scenario.ts', 'scenarios/disk/catch-up-by-snapshot.scenario.ts'],
  seed: 2,
};
