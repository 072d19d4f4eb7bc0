/** Levels of the log that were set through the API, by logger; they live as long as the process. */
export class LogLevels {
  readonly #configured: string;
  readonly #set = new Map<string, string>();

  /** Loggers that came with what they log. */
  readonly named = new Set<string>();

  constructor(configured: string) {
    this.#configured = configured;
  }

  of(name: string): string {
    return this.#set.get(name) ?? this.#configured;
  }

  set(name: string, level: string): void {
    this.#set.set(name, level);
  }

  /** Without a name: all of them. */
  reset(name?: string): void {
    if (name === undefined) this.#set.clear();
    else this.#set.delete(name);
  }
}
