/** A server's log as lines for whoever runs the test. */
import type { Log, LogLevel } from '../core/runtime.ts';

export interface LogOptions {
  /** From this level on; `info` when left out. */
  readonly level?: LogLevel;
  readonly line: (line: string) => void;
}

const ORDER: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];

/** Silent without options. */
export function logOf(wanted: LogOptions | undefined): Log {
  const least = ORDER.indexOf(wanted?.level ?? 'info');
  return {
    write: (level, name, text, fields = {}) => {
      if (wanted === undefined || ORDER.indexOf(level) < least) return;
      const shown = Object.entries(fields).map(([key, value]) => ` ${key}=${String(value)}`);
      wanted.line(`[${level.toUpperCase()}] ${name === '' ? '' : `${name}: `}${text}${shown.join('')}`);
    },
  };
}
