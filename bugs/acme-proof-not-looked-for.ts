import type { Bug } from './bug.ts';

export const acmeProofNotLookedFor: Bug = {
  name: 'acme-proof-not-looked-for',
  breaks: 'A certificate over ACME is for whoever has the name: its host was asked for the proof.',
  source: 'A check that is begun in the background and settled elsewhere is easily settled without its outcome.',
  edits: [
    {
      file: 'core/engines/pki/acme/challenges.ts',
      find: "authorization?.status === 'pending' ? await faultOf(authorization, validation, store, state.context) : undefined;",
      replace:
        "authorization?.status === 'pending' && validation.retries > 0\n      ? await faultOf(authorization, validation, store, state.context)\n      : undefined;",
    },
  ],
  stories: ['scenarios/pki/acme-across-failovers.scenario.ts'],
  seed: 1,
};
