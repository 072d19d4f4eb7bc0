import type { Bug } from './bug.ts';

export const revokedBeforeItIsListed: Bug = {
  name: 'revoked-before-it-is-listed',
  breaks: 'A certificate that a client was told is revoked is on the next revocation list.',
  source:
    'Upstream builds the whole list within the request, which is slow with many certificates; who moves it out does this.',
  edits: [
    {
      file: 'core/engines/pki/revoke-paths.ts',
      find: `      const warnings = await building(call.state.crl.rebuild(store, false));
      if (warnings`,
      replace: `      const warnings: string[] = [];
      void call.state.crl.rebuild(store, false).catch(() => undefined);
      if (warnings`,
    },
  ],
  stories: ['scenarios/pki/revoked-after-failover.scenario.ts'],
  seed: 1,
};
