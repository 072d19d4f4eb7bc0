import type { Bug } from './bug.ts';

export const unbegunSegmentLeavesItsEnd: Bug = {
  name: 'unbegun-segment-leaves-its-end',
  breaks: 'A segment of the log that could not be begun leaves the one before as it was.',
  source: 'A slip of one line on the way back from an error; it needs a write that fails and a node that lives on.',
  edits: [
    {
      file: 'core/raft/wal.ts',
      find: `      this.#file = before;
      this.#end = endBefore;
`,
      replace: `      this.#file = before;
`,
    },
  ],
  stories: ['scenarios/disk/failed-writes.scenario.ts'],
  seed: 1,
};
