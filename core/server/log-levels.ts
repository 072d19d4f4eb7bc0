/** Levels of the log that were set through the API, by logger; they live as long as the process. */
import type { Log, LogLevel } from '../runtime.ts';

export class LogLevels {
  readonly #log: Log;
  readonly #set = new Map<string, LogLevel>();

  /** Loggers that came with what they log. */
  readonly named = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  of(name: string): LogLevel {
    return this.#set.get(name) ?? this.#log.level?.() ?? 'info';
  }

  set(name: string, level: LogLevel): void {
    this.#set.set(name, level);
    this.#tell();
  }

  /** Without a name: all of them. */
  reset(name?: string): void {
    if (name === undefined) this.#set.clear();
    else this.#set.delete(name);
    this.#tell();
  }

  #tell(): void {
    this.#log.setLevels?.(this.#set.size === 0 ? undefined : (name) => this.#nearest(name));
  }

  /** What has no level of its own has that of the logger it was made from: `core.secrets.deletion` that of `core`. */
  #nearest(name: string): LogLevel | undefined {
    for (let end = name.length; end > 0; end = name.lastIndexOf('.', end - 1)) {
      const found = this.#set.get(name.slice(0, end));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
