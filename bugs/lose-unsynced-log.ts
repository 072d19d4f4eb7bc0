import type { Bug } from './bug.ts';

export const loseUnsyncedLog: Bug = {
  name: 'lose-unsynced-log',
  breaks: 'What a node has acknowledged survives the loss of its power.',
  source:
    'The most common one of all: the write is there, the fsync is not (Redpanda, etcd with --unsafe-no-fsync, MongoDB before j:true).',
  edits: [
    {
      file: 'core/raft/wal.ts',
      find: 'for (let sync = 0; sync < this.#syncs; sync++) await file.sync();',
      replace: `for (let sync = 0; sync < this.#syncs && record.kind !== 'entries'; sync++) await file.sync();`,
    },
  ],
  stories: ['scenarios/failover/five-lose-two.scenario.ts', 'scenarios/swarm/anything.scenario.ts'],
  seed: 1,
};
