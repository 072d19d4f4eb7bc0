import type { Bug } from './bug.ts';

export const acmeOrdersKnowNoAccount: Bug = {
  name: 'acme-orders-know-no-account',
  breaks: 'Orders and authorizations of ACME are used by the account that made them.',
  source: 'They are found by an id that clients send; whose they are is looked at separately, or not.',
  edits: [
    {
      file: 'core/engines/pki/acme/model.ts',
      find: '`${FOLDER}${account}/orders/`',
      replace: '`${FOLDER}${account.slice(0, 0)}all/orders/`',
    },
    {
      file: 'core/engines/pki/acme/model.ts',
      find: '`${FOLDER}${account}/authorizations/`',
      replace: '`${FOLDER}${account.slice(0, 0)}all/authorizations/`',
    },
  ],
  stories: ['scenarios/pki/acme-across-failovers.scenario.ts'],
  seed: 1,
};
