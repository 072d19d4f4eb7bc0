/** sys/external-keys: keys that stay in a KMS or HSM, and the mounts that may use them. */
import { quote } from '../codec/go-quote.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { mergePatch } from '../codec/merge-patch.ts';
import { refuse } from '../fault.ts';
import type { Call } from '../framework/call.ts';
import { field } from '../framework/field.ts';
import { pageFields } from '../framework/page-fields.ts';
import { externalKeysOf } from '../server/external-keys/store.ts';
import type { ExternalKey, ExternalKeys, KeyConfig } from '../server/external-keys/store.ts';
import { ExternalKeyError, SECRET, checkBoth, checkConfig } from '../server/external-keys/transit.ts';
import type { SystemContext } from './context.ts';
import { systemPaths } from './context.ts';

type SystemCall = Call<undefined, object, SystemContext>;

const keysOf = ({ context }: SystemCall): ExternalKeys => externalKeysOf(context.node.active().storage);

/** All of a key that was sent, even under the names that stand in the path. */
function keyValuesOf({ request }: SystemCall): JsonObject {
  const { verify: _, ...values } = request.data;
  return values;
}

function configValuesOf(call: SystemCall): JsonObject {
  const { plugin: _, ...values } = keyValuesOf(call);
  return values;
}

function verified(plugin: string, check: () => void): void {
  if (plugin !== 'transit') throw refuse(`unknown plugin: ${plugin}`);
  try {
    check();
  } catch (error) {
    throw error instanceof ExternalKeyError ? refuse(error.message) : error;
  }
}

function shown({ plugin }: KeyConfig, values: JsonObject): JsonObject {
  if (plugin !== 'transit')
    throw refuse(`failed to read metadata for plugin ${quote(plugin)}: unknown plugin: ${plugin}`);
  const hide = ([name, value]: [string, JsonValue]): [string, JsonValue] => [
    name,
    SECRET.has(name) ? '(redacted)' : value,
  ];
  return Object.fromEntries(Object.entries(values).map(hide));
}

async function knownConfig(keys: ExternalKeys, name: string): Promise<KeyConfig> {
  const config = await keys.config(name);
  if (config === undefined) throw refuse(`config ${quote(name)} not found`);
  return config;
}

async function existingConfig(keys: ExternalKeys, name: string): Promise<KeyConfig> {
  const config = await keys.config(name);
  if (config === undefined) throw refuse(`config ${quote(name)} does not exist`);
  return config;
}

async function knownKey(keys: ExternalKeys, config: string, name: string): Promise<ExternalKey> {
  const key = await keys.key(config, name);
  if (key === undefined) throw refuse(`key ${quote(name)} not found`);
  return key;
}

const mountPoint = (path: string): string => path.replace(/\/*$/, '/');

const config = field.string('Name of the configuration.', { required: true });
const key = field.string('Name of the key.', { required: true });
const mount = field.string('Where the mount is.', { required: true });
const verify = field.bool('Whether the plugin is asked if it can use this.', { default: true });
const plugin = field.string('Name of the plugin that reaches the server.', { required: true });
const listing = (suffix: string) => ({ id: { prefix: 'external-keys', suffix } });
const named = (suffix: string) => ({ ...listing(suffix), anyInput: true });

export const externalKeyPaths = systemPaths()
  .path(
    'external-keys/configs/?',
    'The configurations.',
    pageFields,
    { list: { about: 'List the configurations.', run: (page, call) => keysOf(call).configs(page) } },
    listing('configs'),
  )
  .path(
    'external-keys/configs/:config',
    'A server that holds keys.',
    { config, plugin, verify },
    {
      read: {
        about: 'Read a configuration, without its secrets.',
        run: async (sent, call) => {
          const known = await knownConfig(keysOf(call), sent.config);
          return { ...shown(known, known.values), plugin: known.plugin };
        },
      },
      update: {
        about: 'Make or replace a configuration.',
        run: async (sent, call) => {
          if (sent.plugin === '') throw refuse('missing required field "plugin"');
          const values = configValuesOf(call);
          if (sent.verify) verified(sent.plugin, () => checkConfig(values));
          await keysOf(call).putConfig(sent.config, { plugin: sent.plugin, values });
        },
      },
      patch: {
        about: 'Change some of a configuration.',
        run: async (sent, call) => {
          const keys = keysOf(call);
          const before = await knownConfig(keys, sent.config);
          const after = {
            plugin: sent.plugin || before.plugin,
            values: mergePatch(before.values, configValuesOf(call)),
          };
          if (sent.verify) verified(after.plugin, () => checkConfig(after.values));
          await keys.putConfig(sent.config, after);
        },
      },
      delete: {
        about: 'Delete a configuration and its keys.',
        run: (sent, call) => keysOf(call).deleteConfig(sent.config),
      },
    },
    named('configs'),
  )
  .path(
    'external-keys/configs/:config/keys/?',
    'The keys of a server.',
    { config, ...pageFields },
    { list: { about: 'List the keys.', run: (sent, call) => keysOf(call).keys(sent.config, sent) } },
    listing('keys'),
  )
  .path(
    'external-keys/configs/:config/keys/:key',
    'A key of a server.',
    { config, key, verify },
    {
      read: {
        about: 'Read a key.',
        run: async (sent, call) => {
          const keys = keysOf(call);
          const { values } = await knownKey(keys, sent.config, sent.key);
          return shown(await existingConfig(keys, sent.config), values);
        },
      },
      update: {
        about: 'Make or replace a key.',
        run: async (sent, call) => {
          const keys = keysOf(call);
          const known = await existingConfig(keys, sent.config);
          const values = keyValuesOf(call);
          if (sent.verify) verified(known.plugin, () => checkBoth(known.values, values));
          const grants = (await keys.key(sent.config, sent.key))?.grants ?? [];
          await keys.putKey(sent.config, sent.key, { values, grants });
        },
      },
      patch: {
        about: 'Change some of a key.',
        run: async (sent, call) => {
          const keys = keysOf(call);
          const known = await existingConfig(keys, sent.config);
          const { values: before, grants } = await knownKey(keys, sent.config, sent.key);
          const values = mergePatch(before, keyValuesOf(call));
          if (sent.verify) verified(known.plugin, () => checkBoth(known.values, values));
          await keys.putKey(sent.config, sent.key, { values, grants });
        },
      },
      delete: { about: 'Delete a key.', run: (sent, call) => keysOf(call).deleteKey(sent.config, sent.key) },
    },
    named('keys'),
  )
  .path(
    'external-keys/configs/:config/keys/:key/grants/?',
    'The mounts that may use a key.',
    { config, key },
    {
      list: {
        about: 'List the mounts.',
        run: async (sent, call) => (await knownKey(keysOf(call), sent.config, sent.key)).grants,
      },
    },
    listing('grants'),
  )
  .path(
    'external-keys/configs/:config/keys/:key/grants/:mount+',
    'Lets a mount use a key.',
    { config, key, mount },
    {
      update: {
        about: 'Allow it.',
        run: async (sent, call) => {
          const keys = keysOf(call);
          await existingConfig(keys, sent.config);
          const { values, grants } = await knownKey(keys, sent.config, sent.key);
          const point = mountPoint(sent.mount);
          await keys.putKey(sent.config, sent.key, { values, grants: [...new Set([...grants, point])] });
        },
      },
      delete: {
        about: 'Allow it no longer.',
        run: async (sent, call) => {
          const keys = keysOf(call);
          await existingConfig(keys, sent.config);
          const { values, grants } = await knownKey(keys, sent.config, sent.key);
          const point = mountPoint(sent.mount);
          await keys.putKey(sent.config, sent.key, { values, grants: grants.filter((own) => own !== point) });
        },
      },
    },
    named('grants'),
  );
