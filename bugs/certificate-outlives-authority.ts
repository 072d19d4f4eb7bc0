import type { Bug } from './bug.ts';

export const certificateOutlivesAuthority: Bug = {
  name: 'certificate-outlives-authority',
  breaks: 'No certificate is valid longer than that of its issuer, unless the issuer permits it.',
  source: "A stranger's mutant: as long as the issuer is young nobody notices.",
  edits: [
    {
      file: 'core/engines/pki/validity.ts',
      find: "if (issuer === undefined || issuer.behavior === 'permit') return notAfter;",
      replace: "if (issuer === undefined || issuer.behavior !== 'truncate') return notAfter;",
    },
  ],
  stories: ['scenarios/pki/authority.scenario.ts'],
  seed: 6,
};
