/** A line of a log as upstream's logger (hclog) prints it, from the level on. */
import { formatDuration } from './duration.ts';
import type { LogLevel } from '../runtime.ts';
import { quote } from './go-quote.ts';

/** A value that is no text for Go: printed as `text`, without quotes when that is empty, and in JSON as `json`. */
export class Plain {
  readonly text: string;
  readonly json: unknown;

  constructor(text: string, json: unknown = text) {
    this.text = text;
    this.json = json;
  }

  toString(): string {
    return this.text;
  }

  toJSON(): unknown {
    return this.json;
  }
}

/** host:port. */
export function shownAddress(address: string): Plain {
  const colon = address.lastIndexOf(':');
  return new Plain(address, { IP: address.slice(0, colon), Port: Number(address.slice(colon + 1)), Zone: '' });
}

/** A span of time, in micros: nanoseconds in JSON. */
export const shownDuration = (micros: number): Plain => new Plain(formatDuration(micros), micros * 1_000);

export function logText(
  level: LogLevel,
  name: string,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): string {
  let line = `${`[${level.toUpperCase()}]`.padEnd(7)} ${name === '' ? '' : `${name}: `}${message}`;
  const entries = Object.entries(fields);
  if (entries.length > 0) line += ':';
  for (const [key, value] of entries) {
    const shown = textOf(value);
    if (Array.isArray(value)) line += ` ${key}=${listOf(value)}`;
    // Values of several lines stand below, each line with a bar before it.
    else if (shown.includes('\n'))
      line += `\n  ${key}=\n  | ${shown.replace(/\n$/, '').replaceAll('\t', '\\t').split('\n').join('\n  | ')}\n`;
    else line += ` ${key}=${value instanceof Plain && shown === '' ? '' : quoted(shown)}`;
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
  if (value instanceof Plain) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}
