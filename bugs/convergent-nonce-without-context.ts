import type { Bug } from './bug.ts';

export const convergentNonceWithoutContext: Bug = {
  name: 'convergent-nonce-without-context',
  breaks: 'Ciphertexts of one text under two contexts show no likeness.',
  source:
    "Convergent encryption went through three versions upstream, the first two with nonces that were the client's, or of the plaintext alone.",
  edits: [
    {
      file: 'core/engines/transit/cipher.ts',
      find: "crypto.hmac('sha256', nonceKey, plaintext)",
      replace: "crypto.hmac('sha256', nonceKey.subarray(0, 0), plaintext)",
    },
  ],
  stories: ['scenarios/transit/rotation-under-load.scenario.ts'],
  seed: 1,
};
