/** `config/<name>` and `reset/<name>`: connections to databases. */
import { redactedGoUrl } from '../../codec/go-url.ts';
import { asString } from '../../codec/json-fields.ts';
import type { JsonObject } from '../../codec/json.ts';
import { Fault, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { multierror } from '../../codec/multierror.ts';
import { fullVersion, saysBuiltin } from '../../framework/plugin-version.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { databasePaths, NAME, pluginOf, type DatabaseCall } from './call.ts';
import type { ConnectionConfig } from './config.ts';
import { plugins } from './plugins/all.ts';

const name = field.string('Name of the connection.', { always: true });

const configFields = {
  name,
  plugin_name: field.string('The kind of database, by the name of its plugin.'),
  plugin_version: field.string('Version of the plugin; none but the built-in.'),
  verify_connection: field.bool('Whether to log in to the database before anything is kept.', { default: true }),
  allowed_roles: field.commaStrings('Roles that may use the connection, "*" for all; none where it is empty.'),
  root_rotation_statements: field.strings("Statements that give the connection's own user a new password."),
  password_policy: field.string('Policy that passwords are made by.'),
};

type ConfigInput = {
  readonly name: string;
  readonly verify_connection: boolean;
  readonly plugin_name: string | undefined;
  readonly plugin_version: string | undefined;
  readonly allowed_roles: string[] | undefined;
  readonly root_rotation_statements: string[] | undefined;
  readonly password_policy: string | undefined;
};

const nothing: ConnectionConfig = { plugin: '', details: {}, allowedRoles: [], rotation: [], passwordPolicy: '' };

const notMade = (error: unknown): unknown =>
  error instanceof Fault ? refuse(`error creating database object: ${error.message}`) : error;

async function configure(input: ConfigInput, call: DatabaseCall): Promise<Answer> {
  const { state, store, request } = call;
  return state.locks.write(`config/${input.name}`, async () => {
    const old = (await store.configs.get(input.name)) ?? nothing;
    const config: ConnectionConfig = {
      plugin: input.plugin_name ?? old.plugin,
      details: { ...old.details, ...detailsOf(request.data) },
      allowedRoles: input.allowed_roles ?? old.allowedRoles,
      rotation: input.root_rotation_statements ?? old.rotation,
      passwordPolicy: input.password_policy ?? old.passwordPolicy,
    };
    if (config.plugin === '') throw refuse('empty plugin name');
    checkPlugin(config.plugin, input.plugin_version ?? '');
    try {
      state.connections.put(input.name, await state.connections.made(config, input.verify_connection));
    } catch (error) {
      throw notMade(error);
    }
    const made = { name: input.name, plugin_name: config.plugin };
    call.context.runtime.log.write('debug', '', 'created database object', made);
    await store.configs.put(input.name, config);
    if (redactedGoUrl(asString(config.details['connection_url']) ?? '') === undefined) return undefined;
    return reply({
      warnings: [
        'Password found in connection_url, use a templated url to enable root rotation and prevent read access to password information.',
      ],
    });
  });
}

const own: ReadonlySet<string> = new Set(Object.keys(configFields));

const detailsOf = (sent: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(sent).filter(([key]) => !own.has(key)));

function checkPlugin(plugin: string, given: string): void {
  const version = given === '' ? '' : fullVersion(given);
  const builtin = version === '' || saysBuiltin(version);
  if (builtin && plugins.has(plugin)) return;
  const missing = `plugin not found in the catalog: ${plugin}${builtin ? '' : `, version=${version}`}`;
  throw refuse(`error creating database object: invalid database version: ${multierror(missing, missing)}`);
}

/** Never a password, not even one that stands in an address. */
function shown({ plugin, details, allowedRoles, rotation, passwordPolicy }: ConnectionConfig): JsonObject {
  const { password: _, private_key: __, ...rest } = details;
  const address = asString(rest['connection_url']);
  const redacted = address === undefined ? undefined : redactedGoUrl(address);
  return {
    allowed_roles: [...allowedRoles],
    connection_details: redacted === undefined ? rest : { ...rest, connection_url: redacted },
    password_policy: passwordPolicy,
    plugin_name: plugin,
    plugin_version: '',
    root_credentials_rotate_statements: [...rotation],
  };
}

export const configPaths = databasePaths()
  .path(
    `config/:name${NAME}`,
    'A connection to a database.',
    configFields,
    {
      read: {
        about: 'Read it, without its password.',
        id: { verb: 'read', suffix: 'connection-configuration' },
        run: async (input, { store }) => {
          const config = await store.configs.get(input.name);
          return config === undefined ? undefined : shown(config);
        },
      },
      write: {
        about: 'Configure it.',
        id: { verb: 'configure', suffix: 'connection' },
        run: configure,
      },
      delete: {
        about: 'Forget it.',
        id: { verb: 'delete', suffix: 'connection-configuration' },
        run: async (input, { state, store }) => {
          await store.configs.delete(input.name);
          state.connections.close(input.name);
        },
      },
    },
    {
      id: { prefix: 'database' },
      exists: async (input, { store }) => (await store.configs.get(input.name)) !== undefined,
      help: `Beside the fields here there are those of the kind of database: connection_url, username, password,
max_open_connections, max_idle_connections, max_connection_lifetime, username_template and others.`,
    },
  )
  .path(
    'config/?',
    'Connections to databases.',
    {},
    { list: { about: 'List them.', run: (_, { store }) => store.configs.list() } },
    { id: { prefix: 'database', verb: 'list', suffix: 'connections' } },
  )
  .path(
    `reset/:name${NAME}`,
    'Opens a connection anew.',
    { name },
    {
      update: {
        about: 'Close it and open it again.',
        run: async (input, { running, state }) => {
          state.connections.close(input.name);
          await pluginOf(running, input.name);
        },
      },
    },
    { id: { prefix: 'database', verb: 'reset', suffix: 'connection' } },
  );
