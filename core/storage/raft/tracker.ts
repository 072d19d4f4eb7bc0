/**
 * What was written at which index lately, so that most transactions need no verification when they are applied; and
 * which transactions are open on this node, so that it need not be remembered for ever.
 */
import { NO_ACTIVE_INDEX } from './operations.ts';

export class TransactionTracker {
  /** Start index → open transactions. */
  readonly #open = new Map<number, number>();
  /** Index → keys, in ascending order of indexes. */
  readonly #written = new Map<number, readonly string[]>();
  /** Everything written after this index is in `#written`: a restart or a restore knows nothing of earlier writes. */
  #completeAfter: number;
  /** The last index in `#written`; most transactions started after it. */
  #latest = 0;

  constructor(applied: number) {
    this.#completeAfter = applied;
  }

  opened(start: number): void {
    this.#open.set(start, (this.#open.get(start) ?? 0) + 1);
  }

  finished(start: number): void {
    const count = this.#open.get(start) ?? 0;
    if (count > 1) this.#open.set(start, count - 1);
    else this.#open.delete(start);
  }

  /** The lowest start of any open transaction but one that started at `start`. */
  lowestWithout(start: number): number {
    let lowest = NO_ACTIVE_INDEX;
    for (const [index, count] of this.#open) {
      if (index === start && count === 1) continue;
      lowest = Math.min(lowest, index);
    }
    return lowest;
  }

  wrote(index: number, keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.#written.set(index, keys);
    this.#latest = index;
  }

  /** Forgets the writes before `index`. */
  prune(index: number): void {
    for (const written of this.#written.keys()) {
      if (written >= index) break;
      this.#written.delete(written);
      this.#completeAfter = Math.max(this.#completeAfter, written);
    }
  }

  /** Forgets everything: the state was replaced by one as of `index`. */
  reset(index: number): void {
    this.#written.clear();
    this.#latest = 0;
    this.#completeAfter = index;
  }

  /** Whether it is certain that nothing that `touches` was written after `start`. */
  untouched(start: number, touches: (key: string) => boolean): boolean {
    if (start < this.#completeAfter) return false;
    if (start >= this.#latest) return true;
    for (const [index, keys] of this.#written) if (index > start && keys.some(touches)) return false;
    return true;
  }
}
