/** sys/plugins: the catalog of what is built in. External plugins are not run here. */
import type { JsonObject } from '../codec/json.ts';
import { quote } from '../codec/go-quote.ts';
import { multierror } from '../codec/multierror.ts';
import { makeUuid } from '../codec/uuid.ts';
import type { Fault } from '../fault.ts';
import { coded, failure, refuse, unsupportedPath } from '../fault.ts';
import { field } from '../framework/field.ts';
import { BUILTIN_VERSION, checkPluginVersion, fullVersion, saysBuiltin } from '../framework/plugin-version.ts';
import type { Reply } from '../framework/reply.ts';
import { reply } from '../framework/reply.ts';
import { rootNamespace } from '../framework/root-namespace.ts';
import { SINGLETONS, noSingleton } from '../server/mounts/protected.ts';
import type { SystemNode } from './context.ts';
import { systemPaths } from './context.ts';
import { mountServing } from './mount-place.ts';

type Kind = 'auth' | 'database' | 'secret';
const kinds: readonly Kind[] = ['auth', 'database', 'secret'];

/** Mounted under another name, or a program of its own where upstream has it, or gone from there, or never listed. */
const UNLISTED: ReadonlySet<string> = new Set([
  'aws',
  'azure',
  'database',
  'gcp',
  'generic',
  'kerberos',
  'ldap',
  'radius',
  'openldap',
  'mongodb-database-plugin',
  'mssql-database-plugin',
  'oracle-database-plugin',
  'vault-plugin-database-oracle',
]);

/** Other namespaces see what there is, and no more. */
function onlyInRoot(node: SystemNode): void {
  if (node.active().namespace.id !== rootNamespace.id) throw unsupportedPath();
}

function names(node: SystemNode, kind: Kind): string[] {
  const all = kind === 'database' ? node.catalog.database : [...node.catalog[kind].keys()];
  return all.filter((name) => !SINGLETONS.has(name) && !UNLISTED.has(name)).sort();
}

const pluginFields = {
  sha256: field.string('Digest of the program, in hex.', { always: true }),
  sha_256: field.string('The older name of sha256.', { always: true, unlisted: true }),
  command: field.string('The program.', { always: true }),
  args: field.strings('Its arguments.'),
  env: field.strings('Its environment.'),
  version: field.string('Its version.', { always: true }),
  oci: field.bool('Whether it comes in an image.', { always: true }),
};

interface Registration {
  readonly sha256: string;
  readonly sha_256: string;
  readonly command: string;
  readonly args: readonly string[] | undefined;
  readonly version: string;
}

/** Why a program cannot be registered: there is no folder for them here, as with upstream's default. */
function unregistered({ sha256, sha_256, command, args = [], version }: Registration): Fault {
  checkPluginVersion(version);
  const full = version === '' ? '' : fullVersion(version);
  if (saysBuiltin(full)) {
    return refuse(`version ${quote(full)} is not allowed because 'builtin' is a reserved metadata identifier`);
  }
  const digest = sha256 === '' ? sha_256 : sha256;
  if (digest === '') return refuse('missing SHA-256 value');
  if (command === '') return refuse('missing command value');
  if (args.length > 0 && /\s+\S/.test(command.trim())) return refuse('must not specify args in command and args field');
  if (!/^([0-9a-fA-F]{2})*$/.test(digest)) return refuse('Could not decode SHA-256 value from Hex');
  if (digest.length !== 64) return refuse('Decoded SHA-256 value is not 32 bytes');
  return failure('could not set plugin, plugin directory is not configured');
}

const pluginName = field.string('Name of the plugin.', { required: true });
const kind = field.string('auth, database or secret.', { always: true });

/** Without a kind nothing is done any more. */
const untyped = (what: string, name: string): Reply =>
  reply({ warnings: [`Deprecated API endpoint, cannot ${what} catalog for ${quote(name)}`] });

export const pluginPaths = systemPaths()
  .path(
    'plugins/catalog/?',
    'The plugins that can be mounted.',
    {},
    {
      read: {
        about: 'All of them.',
        run: (_, { context }) => {
          const data: JsonObject = {};
          const detailed: JsonObject[] = [];
          for (const type of kinds) {
            const found = names(context.node, type);
            data[type] = found;
            for (const name of found) {
              detailed.push({ builtin: true, deprecation_status: 'supported', name, type, version: BUILTIN_VERSION });
            }
          }
          return { ...data, detailed };
        },
      },
    },
  )
  .path(
    'plugins/catalog/:type{auth|database|secret}/?',
    'The plugins of one kind.',
    { type: kind },
    {
      list: { about: 'Names.', run: ({ type }, { context }) => names(context.node, type as Kind) },
    },
  )
  .path(
    'plugins/catalog(/:type{auth|database|secret})?/:name+',
    'A plugin.',
    { ...pluginFields, name: pluginName, type: kind },
    {
      read: {
        about: 'What is known of it.',
        run: ({ type, name, version }, { context }) => {
          onlyInRoot(context.node);
          if (type === '') return untyped('read plugin information from', name);
          const known = version === '' || fullVersion(version) === BUILTIN_VERSION;
          return known && names(context.node, type as Kind).includes(name) ? builtin(name) : undefined;
        },
      },
      update: {
        about: 'Register a program; not possible here.',
        run: (sent, { context }) => {
          onlyInRoot(context.node);
          throw unregistered(sent);
        },
      },
      delete: {
        about: 'Forget a program.',
        run: ({ type, name, version }, { context }) => {
          onlyInRoot(context.node);
          const full = version === '' ? '' : fullVersion(version);
          if (saysBuiltin(full)) throw refuse(`version ${quote(full)} cannot be deleted`);
          return type === '' ? untyped('deregister plugin from', name) : undefined;
        },
      },
    },
  )
  .path(
    'plugins/reload/backend',
    'Makes mounted backends anew.',
    {
      plugin: field.string('All mounts of this type.', { always: true }),
      mounts: field.commaStrings('These mounts.', { always: true }),
      scope: field.string('"global" for all nodes.', { always: true }),
    },
    {
      update: {
        about: 'Reload.',
        run: async ({ plugin, mounts: points, scope }, { context, random }) => {
          if (plugin !== '' && points.length > 0) throw refuse('plugin and mounts cannot be set at the same time');
          if (plugin === '' && points.length === 0) throw refuse('plugin or mounts must be provided');
          if (scope !== '' && scope !== 'global') throw refuse('scope must be unset or "global"');
          if (plugin === '') await reloadMounts(context.node, points);
          else await reloadType(context.node, plugin);
          return { reload_id: makeUuid((length) => random.bytes(length)) };
        },
      },
    },
  );

async function reloadType(node: SystemNode, type: string): Promise<void> {
  if (SINGLETONS.has(type)) throw refuse(noSingleton(type));
  if (names(node, 'database').includes(type)) {
    throw refuse(`plugin ${quote(type)} cannot be reloaded, only plugins of type auth and secret can be reloaded`);
  }
  if (!kinds.some((kind) => names(node, kind).includes(type))) {
    throw refuse(`plugin not found in the catalog: ${quote(type)}`);
  }
  const { mounts } = node.active();
  const wanted = [...mounts.router.all()].filter(({ entry }) => entry.type === type);
  for (const { entry } of wanted) await mounts.reload(entry, entry.table === 'auth' ? entry.accessor : type);
}

/**
 * Those that can be are made anew, whatever is wrong with the others. Anything that begins with a mount's path is it;
 * one in a namespace below is left as it is.
 */
async function reloadMounts(node: SystemNode, points: readonly string[]): Promise<void> {
  const { mounts, namespace } = node.active();
  const wrong: string[] = [];
  for (const given of points) {
    const point = given.replace(/^sys\/auth\//, 'auth/').replace(/\/?$/, '/');
    const place = mountServing(node, point);
    if (place === undefined) {
      wrong.push(`cannot fetch mount entry on ${quote(point)}`);
      continue;
    }
    if (place.namespacePath !== namespace.path) continue;
    const { entry } = place.route;
    if (SINGLETONS.has(entry.type)) wrong.push(`cannot reload plugin on ${quote(point)}: ${noSingleton(entry.type)}`);
    else await mounts.reload(entry, entry.accessor);
  }
  if (wrong.length > 0) throw coded(400, multierror(...wrong));
}

const builtin = (name: string): JsonObject => ({
  args: null,
  builtin: true,
  command: '',
  declarative: false,
  deprecation_status: 'supported',
  name,
  oci: false,
  sha256: '',
  version: BUILTIN_VERSION,
});
