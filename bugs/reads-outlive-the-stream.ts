import type { Bug } from './bug.ts';

export const readsOutliveTheStream: Bug = {
  name: 'reads-outlive-the-stream',
  breaks: 'A standby that is told nothing any more does not serve reads.',
  source: '2.7.2 does for 10 s where nobody holds the lock, and what it has read then it may keep for good.',
  edits: [
    {
      file: 'core/server/ha/told-changes.ts',
      find: '    this.#ended();\n',
      replace: '',
    },
  ],
  stories: ['scenarios/postgresql/stream-cut.scenario.ts', 'scenarios/postgresql/failover.scenario.ts'],
  seed: 1,
};
