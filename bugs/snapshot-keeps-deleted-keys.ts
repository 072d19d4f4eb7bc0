import type { Bug } from './bug.ts';

export const snapshotKeepsDeletedKeys: Bug = {
  name: 'snapshot-keeps-deleted-keys',
  breaks: 'A snapshot replaces the state; what was deleted meanwhile is gone.',
  source: 'Installing over the old file instead of into a fresh one.',
  edits: [
    {
      file: 'core/storage/raft/fsm.ts',
      find: `    const data = new OrderedMap<Uint8Array>();
    for await`,
      replace: `    const data = this.#state.data.fork();
    for await`,
    },
  ],
  stories: ['scenarios/swarm/anything.scenario.ts', 'scenarios/disk/catch-up-by-snapshot.scenario.ts'],
  seed: 2,
};
