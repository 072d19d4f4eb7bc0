/** The server's log: to the terminal, and to a file besides where one is configured. */
import type { LogLevel } from '../../core/runtime.ts';
import type { Configuration } from '../../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../../core/server/configuration/configuration.ts';
import { hostLog } from '../../host/log.ts';
import type { LogForm } from '../../core/runtime.ts';
import type { HostLog } from '../../host/log.ts';
import type { Flags } from '../flags.ts';
import { environment } from './environment.ts';
import type { LogFile, Rotation } from './log-file.ts';
import { openLogFile, rotationAge } from './log-file.ts';

/** Standard error is for what ends the program. */
const toTerminal = (line: string): void => console.log(line);

const both = (file: LogFile) => (line: string) => {
  toTerminal(line);
  file.write(line);
};

/** A flag counts before the environment, and that before the file. Throws ConfigurationError. */
export function openLog(flags: Flags, configuration: Configuration): HostLog {
  const file = flags.string('log-file') ?? environment('LOG_FILE') ?? configuration.logFile;
  const rotation: Rotation = {
    bytes: flags.integer('log-rotate-bytes') ?? configuration.logRotateBytes,
    age: rotationAge(flags.string('log-rotate-duration') ?? configuration.logRotateDuration),
    maxFiles: flags.integer('log-rotate-max-files') ?? configuration.logRotateMaxFiles,
  };
  return hostLog({
    level: logLevel(flags, configuration),
    format: formatOf(flags.string('log-format') ?? environment('LOG_FORMAT') ?? configuration.logFormat),
    print: file === '' ? toTerminal : both(openLogFile(file, rotation)),
    now: Date.now,
  });
}

export const logLevel = (flags: Flags, configuration: Configuration): LogLevel =>
  levelOf(flags.string('log-level') ?? environment('LOG_LEVEL') ?? configuration.logLevel);

function levelOf(text: string): LogLevel {
  const level = text.trim().toLowerCase();
  const names: Readonly<Record<string, LogLevel>> = { '': 'info', err: 'error', notice: 'info', warning: 'warn' };
  const found = names[level] ?? (['trace', 'debug', 'info', 'warn', 'error'] as const).find((name) => name === level);
  if (found === undefined) throw new ConfigurationError(`unknown log level: ${text}`);
  return found;
}

function formatOf(text: string): LogForm {
  const format = text.trim().toLowerCase();
  if (format === 'json') return 'json';
  if (format === '' || format === 'standard') return 'standard';
  throw new ConfigurationError(`unknown log format: ${text}`);
}
