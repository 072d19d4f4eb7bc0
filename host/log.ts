/** Log lines as upstream's logger (hclog) prints them, as text or JSON. */
import { logText } from '../core/codec/log-text.ts';
import type { Log, LogForm, LogLevel } from '../core/runtime.ts';

const ORDER: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogForm;
  readonly print: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface HostLog extends Log {
  setLevel(level: LogLevel): void;
}

export function hostLog({ level, format, print, now }: LogOptions): HostLog {
  let least = ORDER.indexOf(level);
  let ofLogger: ((name: string) => LogLevel | undefined) | undefined;
  const followers = new Set<{ least: number; form: LogForm; line: (text: string) => void }>();
  return {
    follow(wanted, form, line) {
      const follower = { least: ORDER.indexOf(wanted), form, line };
      followers.add(follower);
      return () => followers.delete(follower);
    },
    setLevel(wanted) {
      least = ORDER.indexOf(wanted);
    },
    level: () => ORDER[least]!,
    setLevels(of) {
      ofLogger = of;
    },
    write(severity, name, message, fields = {}) {
      const rank = ORDER.indexOf(severity);
      const own = ofLogger?.(name);
      const from = own === undefined ? least : ORDER.indexOf(own);
      if (rank < from && followers.size === 0) return;
      const time = new Date(now()).toISOString();
      const printed = (form: LogForm): string =>
        form === 'standard'
          ? `${time} ${logText(severity, name, message, fields)}`
          : jsonLine(time, severity, name, message, fields);
      if (rank >= from) print(printed(format));
      for (const follower of followers) if (rank >= follower.least) follower.line(printed(follower.form));
    },
  };
}

/** As Go writes them in JSON. */
const ESCAPED: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

function jsonLine(
  time: string,
  level: LogLevel,
  name: string,
  message: string,
  fields: Readonly<Record<string, unknown>>,
): string {
  const shown: Record<string, unknown> = {
    '@level': level,
    '@message': message,
    ...(name === '' ? {} : { '@module': name }),
    '@timestamp': time.replace('Z', '000Z'),
  };
  for (const key of Object.keys(fields).sort()) {
    const value = fields[key];
    shown[key] = value instanceof Error ? value.message : value;
  }
  return JSON.stringify(shown).replaceAll(/[<>&\u2028\u2029]/g, (sign) => ESCAPED[sign]!);
}
