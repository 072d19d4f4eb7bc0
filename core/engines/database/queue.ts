/** When static roles rotate next. In memory only, on the active node: made anew from storage. */
import type { Micros } from '../../runtime.ts';

export interface Due {
  readonly role: string;
  /** Wall. */
  at: Micros;
  /** An entry that says which password is, or may be, in the database already. */
  wal?: string | undefined;
}

export class RotationQueue {
  readonly #items = new Map<string, Due>();

  put(item: Due): void {
    this.#items.set(item.role, item);
  }

  take(role: string): Due | undefined {
    const item = this.#items.get(role);
    this.#items.delete(role);
    return item;
  }

  /** Those whose time has come, the longest due first. */
  due(now: Micros): Due[] {
    return [...this.#items.values()]
      .filter(({ at }) => at <= now)
      .sort((a, b) => a.at - b.at || (a.role < b.role ? -1 : 1));
  }

  clear(): void {
    this.#items.clear();
  }
}
