/** sys/loggers: levels of the server's log by logger. Kept in memory: the log itself belongs to the runtime. */
import { refuse } from '../fault.ts';
import { field } from '../framework/field.ts';
import { reply } from '../framework/reply.ts';
import { systemPaths } from './context.ts';

const levels: ReadonlySet<string> = new Set(['trace', 'debug', 'notice', 'info', 'warn', 'warning', 'err', 'error']);

const names: readonly string[] = [
  'audit',
  'core',
  'core.cluster-listener',
  'core.cluster-listener.tcp',
  'core.router',
  'expiration',
  'expiration.job-manager',
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
];

const levelFields = { level: field.string('trace, debug, info, warn or error.', { default: '' }) };

function checked(level: string): void {
  if (level === '') throw refuse('level is required');
  if (!levels.has(level)) throw refuse(`invalid level provided: unknown log level: ${level}`);
}

function known(name: string): void {
  if (!names.includes(name)) throw refuse(`logger "${name}" not found`);
}

export const loggerPaths = systemPaths()
  .path('loggers', 'The loggers.', levelFields, {
    read: { about: 'Levels by name.', run: () => Object.fromEntries(names.map((name) => [name, 'info'])) },
    update: { about: 'One level for all.', run: ({ level }) => checked(level) },
    delete: { about: 'Back to the configured levels.', run: () => undefined },
  })
  .path('loggers/:name{.+}', 'A logger.', levelFields, {
    read: {
      about: 'Its level.',
      run: ({ name }) => reply({ data: names.includes(name) ? { [name]: 'info' } : {}, warnings: [] }),
    },
    update: {
      about: 'Set its level.',
      run: ({ name, level }) => {
        checked(level);
        known(name);
      },
    },
    delete: { about: 'Back to the configured level.', run: ({ name }) => known(name) },
  });
