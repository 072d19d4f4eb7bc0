import type { Bug } from './bug.ts';

export const oldKeyAfterRotation: Bug = {
  name: 'old-key-after-rotation',
  breaks: 'After a rotation nothing more is written under the old key.',
  source: 'A term that is remembered where it is used: everything stays readable, so that nobody notices.',
  edits: [
    {
      file: 'core/storage/barrier/barrier.ts',
      find: 'const { activeTerm } = this.keyring;',
      replace: 'const activeTerm = Math.max(1, this.keyring.activeTerm - 1);',
    },
  ],
  stories: ['scenarios/barrier/rotation-during-failover.scenario.ts', 'scenarios/swarm/anything.scenario.ts'],
  seed: 1,
};
