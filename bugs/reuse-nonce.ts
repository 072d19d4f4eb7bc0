import type { Bug } from './bug.ts';

export const reuseNonce: Bug = {
  name: 'reuse-nonce',
  breaks: 'No two entries under one key have the same nonce.',
  source: 'A counter in place of chance saves a few random bytes, and begins anew with every process and every leader.',
  edits: [
    {
      file: 'core/storage/barrier/barrier.ts',
      find: 'const nonce = this.runtime.random.bytes(nonceBytes);',
      replace:
        'const nonce = new Uint8Array(nonceBytes).fill(this.#unaccounted % 251, 4).fill(this.#unaccounted >> 8, 8);',
    },
  ],
  stories: ['scenarios/failover/step-down.scenario.ts', 'scenarios/swarm/anything.scenario.ts'],
  seed: 1,
};
