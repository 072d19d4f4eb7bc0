import type { Bug } from './bug.ts';

export const logOfAnotherTermKept: Bug = {
  name: 'log-of-another-term-kept',
  breaks: 'A log goes on behind a snapshot only where it agrees with it.',
  source: 'Raft §7: the log is kept if it has the snapshot’s last entry, which is one of the same index and term.',
  edits: [
    {
      file: 'core/raft/install.ts',
      find: 'if (m.log.term(index) === term) {',
      replace: 'if (m.log.term(index) !== undefined) {',
    },
  ],
  stories: ['scenarios/disk/catch-up-by-snapshot.scenario.ts'],
  seed: 1,
};
