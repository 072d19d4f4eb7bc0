/** Which static role is rotated when, and which note an interrupted rotation left. */
import type { Micros } from '../../runtime.ts';

export interface Due {
  /** Wall micros. */
  readonly at: Micros;
  /** The note of a rotation that was not finished: its password may be in force already. */
  readonly note?: string | undefined;
}

export class RotationQueue {
  readonly #due = new Map<string, Due>();

  get(name: string): Due | undefined {
    return this.#due.get(name);
  }

  set(name: string, due: Due): void {
    this.#due.set(name, due);
  }

  take(name: string): Due | undefined {
    const found = this.#due.get(name);
    this.#due.delete(name);
    return found;
  }

  clear(): void {
    this.#due.clear();
  }

  /** The names that are due, the longest first. */
  dueAt(now: Micros): string[] {
    return [...this.#due]
      .filter(([, { at }]) => at <= now)
      .sort(([, a], [, b]) => a.at - b.at)
      .map(([name]) => name);
  }
}
