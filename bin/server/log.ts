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

/** What is said of the log: a flag counts before the environment, and that before the file. */
export const withLog = (flags: Flags, configuration: Configuration): Configuration => ({
  ...configuration,
  logFile: flags.string('log-file') ?? environment('LOG_FILE') ?? configuration.logFile,
  logFormat: flags.string('log-format') ?? environment('LOG_FORMAT') ?? configuration.logFormat,
  logLevel: flags.string('log-level') ?? environment('LOG_LEVEL') ?? configuration.logLevel,
  logRotateBytes: flags.integer('log-rotate-bytes') ?? configuration.logRotateBytes,
  logRotateDuration: flags.string('log-rotate-duration') ?? configuration.logRotateDuration,
  logRotateMaxFiles: flags.integer('log-rotate-max-files') ?? configuration.logRotateMaxFiles,
});

/** Throws ConfigurationError. */
export function openLog(flags: Flags, configuration: Configuration): HostLog {
  const said = withLog(flags, configuration);
  const file = said.logFile;
  const rotation: Rotation = {
    bytes: said.logRotateBytes,
    age: rotationAge(said.logRotateDuration),
    maxFiles: said.logRotateMaxFiles,
  };
  return hostLog({
    level: logLevel(flags, configuration),
    format: formatOf(said.logFormat),
    print: file === '' ? toTerminal : both(openLogFile(file, rotation)),
    now: Date.now,
  });
}

export const logLevel = (flags: Flags, configuration: Configuration): LogLevel =>
  levelOf(withLog(flags, configuration).logLevel);

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
