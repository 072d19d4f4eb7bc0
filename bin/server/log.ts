/** The server's log: to the terminal, and to a file besides where one is configured. */
import { appendFileSync } from 'node:fs';
import type { LogLevel } from '../../core/runtime.ts';
import type { Configuration } from '../../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../../core/server/configuration/configuration.ts';
import { hostLog } from '../../host/log.ts';
import type { HostLog, LogFormat } from '../../host/log.ts';
import type { Flags } from '../flags.ts';
import { environment } from './environment.ts';

/** A flag counts before the environment, and that before the file. Throws ConfigurationError. */
export function openLog(flags: Flags, configuration: Configuration): HostLog {
  const file = flags.string('log-file') ?? environment('LOG_FILE') ?? configuration.logFile;
  return hostLog({
    level: logLevel(flags, configuration),
    format: formatOf(flags.string('log-format') ?? environment('LOG_FORMAT') ?? configuration.logFormat),
    print: file === '' ? console.log : both(file),
    now: Date.now,
  });
}

export const logLevel = (flags: Flags, configuration: Configuration): LogLevel =>
  levelOf(flags.string('log-level') ?? environment('LOG_LEVEL') ?? configuration.logLevel);

/** Opened for each line, so that a file that was moved away is begun anew. */
function both(file: string): (line: string) => void {
  append(file, '');
  return (line) => {
    console.log(line);
    append(file, `${line}\n`);
  };
}

function append(file: string, text: string): void {
  try {
    appendFileSync(file, text, { mode: 0o640 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(`cannot write the log file: ${reason}`);
  }
}

function levelOf(text: string): LogLevel {
  const level = text.trim().toLowerCase();
  const names: Readonly<Record<string, LogLevel>> = { '': 'info', err: 'error', notice: 'info', warning: 'warn' };
  const found = names[level] ?? (['trace', 'debug', 'info', 'warn', 'error'] as const).find((name) => name === level);
  if (found === undefined) throw new ConfigurationError(`unknown log level: ${text}`);
  return found;
}

function formatOf(text: string): LogFormat {
  const format = text.trim().toLowerCase();
  if (format === 'json') return 'json';
  if (format === '' || format === 'standard') return 'standard';
  throw new ConfigurationError(`unknown log format: ${text}`);
}
