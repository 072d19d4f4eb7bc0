import type { Bug } from './bug.ts';

export const readSetNotVerified: Bug = {
  name: 'read-set-not-verified',
  breaks: 'Of two transactions that read the same and write, one is refused.',
  source: 'What optimistic transactions live on; upstream verifies in the state machine, where nobody looks.',
  edits: [
    {
      file: 'core/storage/raft/transaction.ts',
      find: 'if (type === op.verifyRead && !readHolds(crypto, key, value, start, batch.data, tracker, metrics)) return undefined;',
      replace: '',
    },
  ],
  stories: ['scenarios/transactions/both-or-refused.scenario.ts'],
  seed: 1,
};
