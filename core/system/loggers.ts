/** sys/loggers: how much each part of the server writes to its log, until the levels are reverted or the node ends. */
import { quote } from '../codec/go-quote.ts';
import { refuse } from '../fault.ts';
import { field } from '../framework/field.ts';
import { reply } from '../framework/reply.ts';
import type { LogLevel } from '../runtime.ts';
import type { SystemNode } from './context.ts';
import { systemPaths } from './context.ts';

/** What can be asked for, and the level it stands for. */
const levels: ReadonlyMap<string, LogLevel> = new Map([
  ['trace', 'trace'],
  ['debug', 'debug'],
  ['notice', 'info'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['warning', 'warn'],
  ['err', 'error'],
  ['error', 'error'],
]);

const names: readonly string[] = [
  'audit',
  'core',
  'core.cluster-listener',
  'core.cluster-listener.tcp',
  'core.grpc-invalidation',
  'core.router',
  'core.storagepacker.entities',
  'core.storagepacker.groups',
  'core.storagepacker.local-aliases',
  'expiration',
  'expiration.job-manager',
  'external-keys',
  'grpclogfaker',
  'identity',
  'mfa',
  'namespace',
  'policy',
  'quotas',
  'rollback',
  'seals',
  'storage.cache',
  'system',
  'token',
  'workflow',
];

/** The fixed ones, the storage's, and one for each backend that was made, though it may be gone. */
const loggers = ({ logLevels, storageType }: SystemNode): string[] =>
  [...names, ...logLevels.named, `storage.${storageType}`].sort();

const levelFields = { level: field.string('trace, debug, info, warn or error.') };

function checked(asked: string | undefined): LogLevel {
  if (asked === undefined) throw refuse('level is required');
  if (asked === '') throw refuse('level is empty');
  const name = asked.trim().toLowerCase();
  // What is left of blanks stands for the usual one.
  const level = name === '' ? 'info' : levels.get(name);
  if (level === undefined) throw refuse(`invalid level provided: unknown log level: ${name}`);
  return level;
}

function named(name: string): void {
  if (name === '') throw refuse('name is empty');
}

function known(node: SystemNode, name: string): void {
  named(name);
  if (!loggers(node).includes(name)) throw refuse(`logger ${quote(name)} not found`);
}

export const loggerPaths = systemPaths()
  .path('loggers', 'The loggers.', levelFields, {
    read: {
      about: 'Levels by name.',
      run: (_, { context: { node } }) => {
        const data = Object.fromEntries(loggers(node).map((name) => [name, node.logLevels.of(name)]));
        return reply({ data, warnings: [] });
      },
    },
    update: {
      about: 'One level for all.',
      run: ({ level }, { context: { node } }) => {
        const wanted = checked(level);
        for (const name of loggers(node)) node.logLevels.set(name, wanted);
      },
    },
    delete: { about: 'Back to the configured levels.', run: (_, { context }) => context.node.logLevels.reset() },
  })
  .path(
    'loggers/:name*',
    'A logger.',
    { name: field.string('The logger.', { required: true }), ...levelFields },
    {
      read: {
        about: 'Its level.',
        run: ({ name }, { context: { node } }) => {
          named(name);
          return reply({ data: loggers(node).includes(name) ? { [name]: node.logLevels.of(name) } : {}, warnings: [] });
        },
      },
      update: {
        about: 'Set its level.',
        run: ({ name, level }, { context: { node } }) => {
          const wanted = checked(level);
          known(node, name);
          node.logLevels.set(name, wanted);
        },
      },
      delete: {
        about: 'Back to the configured level.',
        run: ({ name }, { context: { node } }) => {
          known(node, name);
          node.logLevels.reset(name);
        },
      },
    },
  );
