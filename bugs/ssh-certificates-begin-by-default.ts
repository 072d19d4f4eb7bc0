import type { Bug } from './bug.ts';

export const sshCertificatesBeginByDefault: Bug = {
  name: 'ssh-certificates-begin-by-default',
  breaks: 'A role keeps from when its certificates hold.',
  source: 'Drawn in the fifth round of mutants: what older roles lack is filled in where nothing is lacking.',
  edits: [
    {
      file: 'core/engines/ssh/role.ts',
      find: 'upgraded ? DEFAULT_NOT_BEFORE :',
      replace: '!upgraded ? DEFAULT_NOT_BEFORE :',
    },
  ],
  stories: ['scenarios/recorded/ssh.scenario.ts'],
  seed: 1,
};
