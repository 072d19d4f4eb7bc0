/** sys/monitor: the node's log as it is written, to whoever listens. */
import { noBytes } from '../codec/bytes.ts';
import { refuseAs } from '../fault.ts';
import { field } from '../framework/field.ts';
import { reply } from '../framework/reply.ts';
import type { LogForm, LogLevel } from '../runtime.ts';
import { systemPaths } from './context.ts';

const LEVELS: ReadonlyMap<string, LogLevel> = new Map([
  ['', 'info'],
  ['trace', 'trace'],
  ['debug', 'debug'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['error', 'error'],
]);

const FORMS: ReadonlyMap<string, LogForm> = new Map([
  ['standard', 'standard'],
  ['json', 'json'],
]);

export const monitorPaths = systemPaths().path(
  'monitor',
  '',
  {
    log_level: field.string('The least level to show: trace, debug, info, warn or error.', { query: true }),
    log_format: field.string('"standard" or "json".', { default: 'standard', query: true }),
  },
  {
    read: {
      run: ({ log_level: asked = '', log_format: wanted }, { context }) => {
        const level = LEVELS.get(asked);
        if (level === undefined) throw refuseAs('', 'unknown log level');
        const form = FORMS.get(wanted);
        if (form === undefined) throw refuseAs('', 'unknown log format');
        const { log } = context.node.active().runtime;
        const follow = (write: (text: string) => void) =>
          log.follow?.(level, form, (line) => write(`${line}\n`)) ?? (() => {});
        return reply({ raw: { status: 200, contentType: '', body: noBytes, follow } });
      },
    },
  },
);
