import type { Bug } from './bug.ts';

export const transferNeverOver: Bug = {
  name: 'transfer-never-over',
  breaks: 'A leader whose successor does not take over goes on leading.',
  source: "A stranger's mutant: a flag that is taken back where things go well.",
  edits: [
    {
      file: 'core/raft/transfer.ts',
      find: `    this.#leadership.transferring = false;
`,
      replace: '',
    },
  ],
  stories: ['scenarios/failover/handed-over-in-vain.scenario.ts'],
  seed: 1,
};
