import type { Bug } from './bug.ts';

export const listSetNotVerified: Bug = {
  name: 'list-set-not-verified',
  breaks: 'Of two transactions that list the same folder and write into it, one is refused.',
  source: "A stranger's mutant: nobody looked at what transactions list.",
  edits: [
    {
      file: 'core/storage/raft/transaction.ts',
      find: 'if (type === op.verifyList && !listHolds(crypto, key, value, start, batch.data, tracker, metrics)) return undefined;',
      replace: '',
    },
  ],
  stories: ['scenarios/transactions/one-on-the-seat.scenario.ts'],
  seed: 1,
};
