/** sys/config/cors. */
import { field } from '../framework/field.ts';
import { systemPaths } from './context.ts';

export const corsPaths = systemPaths().path(
  'config/cors',
  'Which other origins may call the API.',
  {
    enable: field.bool('Kept for old clients; writing enables.'),
    allowed_origins: field.commaStrings('Origins, or "*".', { always: true }),
    allowed_headers: field.commaStrings('Headers allowed besides the usual ones.', { always: true }),
    allow_credentials: field.bool('Whether credentials may be sent along.', { always: true }),
  },
  {
    read: {
      about: 'The configuration.',
      run: (_, { context }) => {
        const settings = context.node.active().cors.settings;
        if (settings === undefined) return { enabled: false };
        return {
          enabled: true,
          allowed_origins: settings.allowedOrigins,
          allowed_headers: settings.allowedHeaders,
          allow_credentials: settings.allowCredentials,
        };
      },
    },
    update: {
      about: 'Allow origins.',
      run: (input, { context }) =>
        context.node.active().cors.enable(input.allowed_origins, input.allowed_headers, input.allow_credentials),
    },
    delete: { about: 'Allow none.', run: (_, { context }) => context.node.active().cors.disable() },
  },
);
