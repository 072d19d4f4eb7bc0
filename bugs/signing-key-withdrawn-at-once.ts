import type { Bug } from './bug.ts';

export const signingKeyWithdrawnAtOnce: Bug = {
  name: 'signing-key-withdrawn-at-once',
  breaks: 'An identity token is good as long as it says, whatever becomes of the key that signed it.',
  source: 'A key that signs no more still verifies for a while; rotations forget that easily.',
  edits: [
    {
      file: 'core/engines/identity/oidc/keys.ts',
      find: 'expireAt: now + verificationTtl }',
      replace: 'expireAt: now }',
    },
  ],
  stories: ['scenarios/identity/tokens-verify.scenario.ts'],
  seed: 1,
};
