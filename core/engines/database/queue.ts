/** When static roles rotate next. In memory only, on the active node: made anew from storage. */
import { SECOND, type Micros } from '../../runtime.ts';

export interface Due {
  readonly role: string;
  /** Wall. */
  at: Micros;
  /** An entry that says which password is, or may be, in the database already. */
  wal?: string | undefined;
}

/** In whole seconds: a period of five is over at the fifth second's beginning, and the queue is looked at just then. */
export const isDue = ({ at }: Due, now: Micros): boolean => Math.floor(at / SECOND) <= Math.floor(now / SECOND);

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
      .filter((item) => isDue(item, now))
      .sort((a, b) => a.at - b.at || (a.role < b.role ? -1 : 1));
  }

  clear(): void {
    this.#items.clear();
  }
}
