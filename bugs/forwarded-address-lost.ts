import type { Bug } from './bug.ts';

export const forwardedAddressLost: Bug = {
  name: 'forwarded-address-lost',
  breaks: 'What is bound to addresses is bound to those of clients, also through a standby.',
  source: 'What every proxy gets wrong first: the address is that of whoever handed the request on.',
  edits: [
    {
      file: 'core/server/ha/calls.ts',
      find: 'writer.text(request.remote.address);',
      replace: "writer.text('127.0.0.1');",
    },
  ],
  stories: ['scenarios/logins/app-roles.scenario.ts'],
  seed: 1,
};
