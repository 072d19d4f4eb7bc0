import type { Bug } from './bug.ts';

export const brokerUserSurvives: Bug = {
  name: 'broker-user-survives',
  breaks: 'A user of a broker is gone when its lease is.',
  source:
    'A revocation that cannot reach its service must fail to be tried again; logging the error instead ends the lease.',
  edits: [
    {
      file: 'core/engines/rabbitmq/credentials.ts',
      find: 'throw isRabbitError(error) ? failure(`could not delete user: ${error.message}`) : error;',
      replace: 'if (!isRabbitError(error)) throw error;',
    },
  ],
  stories: ['scenarios/services/broker-away-at-revocation.scenario.ts'],
  seed: 1,
};
