/** sys/mounts: the secret engines of this server. */
import { quote } from '../codec/go-quote.ts';
import type { JsonObject } from '../codec/json.ts';
import { refuse, refuseAs } from '../fault.ts';
import { field } from '../framework/field.ts';
import { reply } from '../framework/reply.ts';
import { isProtected } from '../server/mounts/protected.ts';
import { systemPaths } from './context.ts';
import { askedType, askedVersion, parseMountConfig, refuseOptions } from './mount-config.ts';
import { mountFacts, tuneFacts } from './mount-info.ts';
import { mountServing } from './mount-place.ts';
import { telling } from './told.ts';
import { tune, tuneFields } from './tune.ts';
import { folder, withoutVersion } from './mount-path.ts';

export const enableFields = {
  path: field.string('Path to mount it at.', { required: true }),
  type: field.string('Type of the engine, e.g. "kv".'),
  description: field.string('Description shown in listings.', { always: true }),
  config: field.map('TTLs and other settings, as in tuning.', { always: true }),
  local: field.bool("Whether the mount is this cluster's own.", { default: false }),
  seal_wrap: field.bool('Whether values are sealed once more by the seal.', { default: false }),
  external_entropy_access: field.bool('Whether the engine may draw randomness from the seal.', { default: false }),
  plugin_name: field.string('Name of the plugin, where the type is "plugin".'),
  plugin_version: field.string('Version of the plugin.'),
  options: field.kvPairs('Options of the engine.', { always: true }),
};

export const mountPaths = systemPaths()
  .path('mounts/:path{.+?}/tune', 'Settings of a mount.', tuneFields, {
    read: {
      about: 'The settings in force.',
      run: ({ path }, { context }) => {
        const point = folder(path);
        const place = mountServing(context.node, point);
        if (!place) throw refuse(`cannot fetch sysview for path ${quote(point)}`);
        return tuneFacts(place.route);
      },
    },
    update: {
      about: 'Change settings.',
      run: async ({ path, ...input }, { context }) => {
        const response = await tune(context, folder(path), input);
        return response && reply(response);
      },
    },
  })
  .path('mounts/:path{.+?}', 'A mounted engine.', enableFields, {
    read: {
      about: 'The mount as it is stored.',
      run: ({ path }, { context }) => {
        const place = mountServing(context.node, folder(path));
        if (!place) throw refuseAs('', `No secret engine mount at ${folder(path)}`);
        return mountFacts(place.route.entry);
      },
    },
    update: {
      about: 'Mount an engine.',
      run: async (input, { context, request }) => {
        const { node } = context;
        const config = parseMountConfig(input.config, 'mounts', node.settings.maxLeaseTtl);
        const named = askedType(input.type, input.plugin_name);
        refuseOptions(input.options, 'secrets', named);
        const { type, options } = withoutVersion(named, input.options);
        const version = askedVersion(input.config, 'secrets', type);
        const path = folder(input.path);
        const wanted = {
          table: 'mounts',
          path,
          type,
          description: input.description,
          config,
          options: request.data['options'] === null && type === named ? undefined : options,
          local: input.local,
          sealWrap: input.seal_wrap,
          externalEntropy: input.external_entropy_access,
          version,
        } as const;
        await telling(context, 'error occurred during enable mount', { path }, () =>
          node.active().mounts.enable(wanted),
        );
      },
    },
    delete: {
      about: 'Unmount an engine: its leases are revoked, its data is deleted.',
      run: async ({ path }, { context }) => {
        const point = folder(path);
        const { mounts, services, quotas, namespace } = context.node.active();
        const place = mountServing(context.node, point);
        if (!place?.exact) return;
        await telling(context, 'unmount failed', { path: point }, () => {
          if (isProtected(point)) throw refuse(`cannot unmount ${quote(point)}`);
        });
        if (place.namespacePath !== namespace.path) throw refuse('failed to taint entry in mounts table');
        await mounts.disable('mounts', point, (prefix) => services.leases.revokePrefix(prefix));
        await quotas.unmounted({ namespacePath: namespace.path, mountPath: point });
      },
    },
  })
  .path(
    'mounts',
    'The mounted engines.',
    {},
    {
      read: {
        about: 'All mounts by path.',
        run: (_, { context }) => {
          const all: JsonObject = {};
          for (const entry of context.node.active().mounts.list('mounts')) all[entry.path] = mountFacts(entry);
          return all;
        },
      },
    },
  );
