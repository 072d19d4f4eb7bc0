import type { Bug } from './bug.ts';

export const ownCertificateNeverRevoked: Bug = {
  name: 'own-certificate-never-revoked',
  breaks: 'A login with a certificate that a list names as revoked is refused.',
  source: 'Only the authorities of a chain looked for on the lists, as a leaf is what the connection has verified.',
  edits: [
    {
      file: 'core/auth/cert/crl.ts',
      find: 'const serials = chain.map(',
      replace: 'const serials = chain.slice(1).map(',
    },
  ],
  stories: ['scenarios/logins/certificates.scenario.ts'],
  seed: 1,
};
