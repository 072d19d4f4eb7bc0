/** sys/internal/counters: how many tokens and entities there are. */
import { refuse } from '../fault.ts';
import { systemPaths } from './context.ts';

export const counterPaths = systemPaths()
  .path(
    'internal/counters/requests',
    'Request counts of the past.',
    {},
    {
      read: {
        about: 'Gone.',
        run: () => {
          throw refuse('The functionality has been removed on this path', 404);
        },
      },
    },
  )
  .path(
    'internal/counters/tokens',
    'How many service tokens exist.',
    {},
    {
      read: {
        about: 'The count.',
        run: async (_, { context }) => {
          const ids = await context.node.active().storage.list('sys/token/id/');
          return { counters: { service_tokens: { total: ids.length } } };
        },
      },
    },
  )
  .path(
    'internal/counters/entities',
    'How many entities exist.',
    {},
    {
      read: {
        about: 'The count.',
        run: async (_, { context }) => ({
          counters: { entities: { total: await context.node.active().services.identity.count() } },
        }),
      },
    },
  );
