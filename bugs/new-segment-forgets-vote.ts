import type { Bug } from './bug.ts';

export const newSegmentForgetsVote: Bug = {
  name: 'new-segment-forgets-vote',
  breaks: 'A vote outlives the segment of the log that it was written to.',
  source: "A stranger's mutant: what a new segment repeats of the old ones is read once they are gone.",
  edits: [
    {
      file: 'core/raft/wal.ts',
      find: `      case 'vote-candidate':
        this.#state = { ...this.#state, voteCandidate: record.candidate };
        return;`,
      replace: `      case 'vote-candidate':
        return;`,
    },
  ],
  stories: ['scenarios/swarm/disks.scenario.ts'],
  seed: 1,
};
