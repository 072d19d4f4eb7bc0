/** Who has written a row in a transaction that is still open: others who want to write it wait for its end. */
import { Refused } from './database.ts';

export class RowLocks<Owner extends object> {
  readonly #held = new Map<string, Owner>();
  readonly #waiting = new Map<Owner, { readonly name: string; readonly go: () => void }>();

  /** Resolves when it is this one's, until `release`. Rejects when two would wait for each other for ever. */
  async take(name: string, owner: Owner): Promise<void> {
    for (let holder = this.#held.get(name); holder !== undefined && holder !== owner; holder = this.#held.get(name)) {
      if (this.#waitsFor(holder, owner)) throw new Refused('ERROR: deadlock detected (SQLSTATE 40P01)');
      await new Promise<void>((go) => this.#waiting.set(owner, { name, go }));
    }
    this.#held.set(name, owner);
  }

  release(owner: Owner): void {
    this.#waiting.delete(owner);
    for (const [name, holder] of this.#held) if (holder === owner) this.#held.delete(name);
    for (const [waiter, { name, go }] of this.#waiting) {
      if (this.#held.has(name)) continue;
      this.#waiting.delete(waiter);
      go();
    }
  }

  #waitsFor(one: Owner, other: Owner): boolean {
    for (let at: Owner | undefined = one; at !== undefined;) {
      if (at === other) return true;
      const wanted: string | undefined = this.#waiting.get(at)?.name;
      at = wanted === undefined ? undefined : this.#held.get(wanted);
    }
    return false;
  }
}
