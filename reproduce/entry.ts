/** One thing that a node's log tells, whatever its format was. */
import type { LogLevel, Micros } from '../core/runtime.ts';

export interface Entry {
  /** Micros since the epoch; of a simulated node, since the start of the run. */
  readonly at: Micros;
  readonly node: string;
  readonly level: LogLevel;
  /** The logger, e.g. 'storage.raft'; empty for what is printed without a time of its own. */
  readonly name: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Fields as text, of whatever kind they were. */
export function textFields(fields: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, textOf(value)]));
}

export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
