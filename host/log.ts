/** Log lines as upstream's logger (hclog) prints them, as text or JSON. */
import { quote } from '../core/codec/go-quote.ts';
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
    write(severity, name, message, fields = {}) {
      const rank = ORDER.indexOf(severity);
      if (rank < least && followers.size === 0) return;
      const time = new Date(now()).toISOString();
      const printed = (form: LogForm): string =>
        (form === 'standard' ? textLine : jsonLine)(time, severity, name, message, fields);
      if (rank >= least) print(printed(format));
      for (const follower of followers) if (rank >= follower.least) follower.line(printed(follower.form));
    },
  };
}

function textLine(
  time: string,
  level: LogLevel,
  name: string,
  message: string,
  fields: Readonly<Record<string, unknown>>,
): string {
  let line = `${time} ${`[${level.toUpperCase()}]`.padEnd(7)} ${name === '' ? '' : `${name}: `}${message}`;
  const entries = Object.entries(fields);
  if (entries.length > 0) line += ':';
  for (const [key, value] of entries) {
    const shown = textOf(value);
    if (Array.isArray(value)) line += ` ${key}=${listOf(value)}`;
    // Values of several lines stand below, each line with a bar before it.
    else if (shown.includes('\n'))
      line += `\n  ${key}=\n  | ${shown.trimEnd().replaceAll('\t', '\\t').split('\n').join('\n  | ')}\n`;
    else line += ` ${key}=${quoted(shown)}`;
  }
  return line;
}

const quoted = (text: string): string => (needsQuotes(text) ? quote(text) : text);

/** Each item for itself, texts as Go writes them. */
const listOf = (items: readonly unknown[]): string =>
  `[${items.map((item) => (typeof item === 'string' ? JSON.stringify(item) : textOf(item))).join(', ')}]`;

const needsQuotes = (text: string): boolean => text === '' || /[^\--~]/.test(text);

function textOf(value: unknown): string {
  if (value instanceof Error) return value.message;
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}

function jsonLine(
  time: string,
  level: LogLevel,
  name: string,
  message: string,
  fields: Readonly<Record<string, unknown>>,
): string {
  const shown: Record<string, unknown> = { '@level': level, '@message': message };
  if (name !== '') shown['@module'] = name;
  shown['@timestamp'] = time;
  for (const [key, value] of Object.entries(fields)) shown[key] = value instanceof Error ? value.message : value;
  return JSON.stringify(shown);
}
