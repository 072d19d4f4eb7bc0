/** sys/audit and what belongs to it: devices, digests, audited headers. */
import { quote } from '../codec/go-quote.ts';
import type { JsonObject } from '../codec/json.ts';
import { failure, refuse } from '../fault.ts';
import { field } from '../framework/field.ts';
import { systemPaths } from './context.ts';
import { telling } from './told.ts';
import { folder } from './mount-path.ts';

const refused = 'cannot enable audit device via API; use declarative, config-based audit device management instead';

const path = field.string('Path of the device.', { required: true });

const headerFields = {
  header: field.string('Name of the request header.'),
  hmac: field.bool('Whether the values are hashed.', { always: true }),
};

export const auditPaths = systemPaths()
  .path(
    'audit-hash/:path+',
    'Digests as an audit device makes them.',
    { path, input: field.string('Text to hash.') },
    {
      update: {
        about: 'The digest of a text.',
        run: ({ path, input }, { context }) => {
          if (input === undefined || input === '') throw refuse('the "input" parameter is empty');
          const hash = context.node.active().audit.digest(folder(path), input);
          if (hash === undefined) throw refuse(`unknown audit backend ${quote(folder(path))}`);
          return { hash };
        },
      },
    },
  )
  .path(
    'audit',
    'The audit devices.',
    {},
    {
      read: {
        about: 'All devices by path.',
        run: (_, { context }) => {
          const all: JsonObject = {};
          for (const { path, type, description, options, local } of context.node.active().audit.list()) {
            all[path] = { path, type, description, options: { ...options }, local };
          }
          return all;
        },
      },
    },
  )
  .path(
    'audit/:path+',
    'An audit device.',
    {
      path,
      type: field.string('Kind of device: file, socket, syslog or http.', { always: true }),
      description: field.string('Description shown in listings.', { always: true }),
      options: field.kvPairs('Options of the device.', { always: true }),
      local: field.bool("Whether the device is this cluster's own.", { default: false }),
    },
    {
      update: {
        about: 'Enable a device, where that is allowed.',
        run: async ({ path, ...wanted }, { context }) => {
          if (!context.node.settings.apiAuditCreation) throw refuse(refused);
          const point = folder(path);
          await telling(context, 'enable audit mount failed', { path: point }, () =>
            context.node.active().audit.enable({ ...wanted, path: point }),
          );
        },
      },
      delete: {
        about: 'Disable a device.',
        run: async ({ path }, { context }) => {
          const { audit } = context.node.active();
          if (audit.isDeclared(folder(path))) throw refuse('cannot disable configuration-managed audit device');
          await audit.disable(folder(path));
        },
      },
    },
  )
  .path('config/auditing/request-headers/:header{.+}', 'A request header in the audit log.', headerFields, {
    read: {
      about: 'How the header is logged.',
      run: ({ header }, { context }) => {
        const hmac = context.node.active().audit.headers.get(header);
        if (hmac === undefined) throw refuse('Could not find header in config');
        return { [header]: { hmac } };
      },
    },
    update: {
      about: 'Log the header.',
      run: async ({ header, hmac }, { context }) => {
        if (header === '') throw failure('missing header name');
        await context.node.active().audit.headers.set(header, hmac);
      },
    },
    delete: {
      about: 'Log the header no more.',
      run: async ({ header }, { context }) => {
        await context.node.active().audit.headers.remove(header);
      },
    },
  })
  .path(
    'config/auditing/request-headers',
    'The request headers in the audit log.',
    {},
    {
      read: {
        about: 'All of them.',
        run: (_, { context }) => ({ headers: context.node.active().audit.headers.all() }),
      },
    },
  );
