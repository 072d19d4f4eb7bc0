/** sys/metrics: what the node counts and measures. */
import { field } from '../framework/field.ts';
import { reply } from '../framework/reply.ts';
import { systemPaths } from './context.ts';

export const metricsPaths = systemPaths().path(
  'metrics',
  'What this node counts and measures.',
  { format: field.string('"prometheus", or nothing for JSON.', { always: true, query: true }) },
  {
    read: {
      about: 'Counters, gauges and samples.',
      run: async ({ format }, { context, request }) => {
        const accept = request.headers.get('accept')?.[0] ?? '';
        return reply({ raw: await context.node.metrics(format, accept) });
      },
    },
  },
);
