import type { Bug } from './bug.ts';

export const acmeCheckLostWithLeader: Bug = {
  name: 'acme-check-lost-with-leader',
  breaks: 'An order whose proof is there becomes ready, whoever leads meanwhile.',
  source: 'Checks run in the background of one node; whoever takes over has to know of them, and begin them again.',
  edits: [
    {
      file: 'core/engines/pki/acme/challenges.ts',
      find: '  for (const name of await new AcmeStore(storage).validations.list()) startValidation(name, state, storage, context);',
      replace: '  for (const name of await new AcmeStore(storage).validations.list()) void [name, state, context];',
    },
  ],
  stories: ['scenarios/pki/acme-across-failovers.scenario.ts'],
  seed: 1,
};
