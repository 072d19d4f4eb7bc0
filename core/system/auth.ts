/** sys/auth: the auth methods of this server. */
import { quote } from '../codec/go-quote.ts';
import type { JsonObject } from '../codec/json.ts';
import { refuse, refuseAs } from '../fault.ts';
import { systemPaths } from './context.ts';
import { askedType, askedVersion, parseMountConfig, refuseOptions } from './mount-config.ts';
import { mountFacts, tuneFacts } from './mount-info.ts';
import { folder } from './mount-path.ts';
import { mountServing } from './mount-place.ts';
import { enableFields } from './mounts.ts';
import { telling } from './told.ts';
import { tune, tuneFields } from './tune.ts';
import { reply } from '../framework/reply.ts';

export const authPaths = systemPaths()
  .path(
    'auth/:path{.+?}/tune',
    'Settings of an auth method.',
    tuneFields,
    {
      read: {
        about: 'The settings in force.',
        run: ({ path }, { context }) => {
          const point = `auth/${folder(path)}`;
          const place = mountServing(context.node, point);
          if (!place) throw refuse(`cannot fetch sysview for path ${quote(point)}`);
          return tuneFacts(place.route);
        },
      },
      update: {
        about: 'Change settings.',
        run: async ({ path, ...input }, { context }) => {
          const response = await tune(context, `auth/${folder(path)}`, input);
          return response && reply(response);
        },
      },
    },
    { sudo: 'auth/+/tune' },
  )
  .path(
    'auth/:path+',
    'An enabled auth method.',
    enableFields,
    {
      read: {
        about: 'The method as it is stored.',
        run: ({ path }, { context }) => {
          const route = context.node.active().mounts.find('auth', folder(path));
          if (!route) throw refuseAs('', `No auth engine at ${folder(path)}`);
          return mountFacts(route.entry);
        },
      },
      update: {
        about: 'Enable an auth method.',
        run: async (input, { context, request }) => {
          const { node } = context;
          const config = parseMountConfig(input.config, 'auth', node.settings.maxLeaseTtl);
          const type = askedType(input.type, input.plugin_name);
          refuseOptions(input.options, 'auth', type);
          const version = askedVersion(input.config, 'auth', type);
          const path = folder(input.path);
          const wanted = {
            table: 'auth',
            path,
            type,
            description: input.description,
            config,
            options: request.data['options'] === null ? undefined : input.options,
            local: input.local,
            sealWrap: input.seal_wrap,
            externalEntropy: input.external_entropy_access,
            version,
          } as const;
          await telling(context, 'error occurred during enable credential', { path }, () =>
            node.active().mounts.enable(wanted),
          );
        },
      },
      delete: {
        about: 'Disable an auth method: its tokens are revoked, its data is deleted.',
        run: async ({ path }, { context }) => {
          await telling(context, 'disable auth mount failed', { path: folder(path) }, () => {
            if (folder(path) === 'token/') throw refuse('token credential backend cannot be disabled');
          });
          const { mounts, services } = context.node.active();
          await mounts.disable('auth', folder(path), (prefix) => services.leases.revokePrefix(prefix));
          const { quotas, namespace } = context.node.active();
          await quotas.unmounted({ namespacePath: namespace.path, mountPath: `auth/${folder(path)}` });
        },
      },
    },
    { sudo: 'auth/*' },
  )
  .path(
    'auth',
    'The enabled auth methods.',
    {},
    {
      read: {
        about: 'All methods by path.',
        run: (_, { context }) => {
          const all: JsonObject = {};
          for (const entry of context.node.active().mounts.list('auth')) all[entry.path] = mountFacts(entry);
          return all;
        },
      },
    },
  );
