/** sys/internal/counters: how many tokens and entities there are. */
import { refuseAs } from '../fault.ts';
import { within } from '../server/namespaces/node.ts';
import { systemPaths } from './context.ts';
import { here } from './namespaces.ts';

export const counterPaths = systemPaths()
  .path(
    'internal/counters/requests',
    'Request counts of the past.',
    {},
    {
      read: {
        about: 'Gone.',
        deprecated: true,
        run: () => {
          throw refuseAs(
            'functionality on this path has been removed',
            'The functionality has been removed on this path',
            404,
          );
        },
      },
    },
  )
  .path(
    'internal/counters/tokens',
    'How many service tokens exist, here and in the namespaces below.',
    {},
    {
      read: {
        about: 'The count.',
        run: async (_, { context }) => {
          let total = 0;
          for (const { realm } of within(here(context.node.active()))) {
            total += (await realm?.storage.list('sys/token/id/'))?.length ?? 0;
          }
          return { counters: { service_tokens: { total } } };
        },
      },
    },
  )
  .path(
    'internal/counters/entities',
    'How many entities exist, in all namespaces.',
    {},
    {
      read: {
        about: 'The count.',
        run: async (_, { context }) => {
          let total = 0;
          for (const { services } of context.node.active().namespaces.realms())
            total += await services.identity.count();
          return { counters: { entities: { total } } };
        },
      },
    },
  );
