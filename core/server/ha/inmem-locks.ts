/** Locks in memory: whoever asks first holds one until it lets go. */
import { Scope } from '../../scope.ts';
import type { HaLock } from './leadership.ts';

interface Held {
  readonly value: string;
  readonly lost: Scope;
}

export class InmemLocks {
  readonly #held = new Map<string, Held>();
  readonly #waiting = new Map<string, (() => void)[]>();

  lockWith(key: string, value: string): HaLock {
    return {
      lock: (stop) => this.#lock(key, value, stop),
      unlock: () => Promise.resolve(this.#unlock(key, value)),
      value: () => Promise.resolve(this.#held.get(key)?.value),
    };
  }

  async #lock(key: string, value: string, stop: Scope): Promise<Scope | undefined> {
    while (this.#held.has(key)) {
      if (stop.cancelled) return undefined;
      await this.#released(key, stop);
    }
    if (stop.cancelled) return undefined;
    const lost = new Scope();
    this.#held.set(key, { value, lost });
    return lost;
  }

  #unlock(key: string, value: string): void {
    if (this.#held.get(key)?.value !== value) return;
    this.#held.get(key)!.lost.cancel();
    this.#held.delete(key);
    for (const wake of this.#waiting.get(key) ?? []) wake();
    this.#waiting.delete(key);
  }

  #released(key: string, stop: Scope): Promise<void> {
    return new Promise((resolve) => {
      const forget = stop.onCancel(() => resolve());
      const wake = (): void => {
        forget();
        resolve();
      };
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), wake]);
    });
  }
}
