/** The part of the replicated log that this node still has, as of its last completed write. */
import { assert } from '../assert.ts';
import type { Entry } from './types.ts';

export interface Position {
  readonly index: number;
  readonly term: number;
}

/** Entries are contiguous from the one after `base`; what the base stands for is in the replicated state. */
export class Log {
  #base: Position;
  #entries: Entry[];

  constructor(base: Position = { index: 0, term: 0 }, entries: readonly Entry[] = []) {
    this.#base = base;
    this.#entries = [];
    this.append(entries);
  }

  get base(): Position {
    return this.#base;
  }

  /** The index of the first entry, if there is one. */
  get first(): number {
    return this.#base.index + 1;
  }

  get lastIndex(): number {
    return this.#base.index + this.#entries.length;
  }

  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.#base.term;
  }

  get size(): number {
    return this.#entries.length;
  }

  get(index: number): Entry | undefined {
    return this.#entries[index - this.#base.index - 1];
  }

  /** Also known for the position just before the first entry. */
  term(index: number): number | undefined {
    return index === this.#base.index ? this.#base.term : this.get(index)?.term;
  }

  /** From `from` to `to`, both included; undefined when one of them is not here. */
  slice(from: number, to: number): readonly Entry[] | undefined {
    if (from > to) return [];
    if (from < this.first || to > this.lastIndex) return undefined;
    return this.#entries.slice(from - this.first, to - this.#base.index);
  }

  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      assert(entry.index === this.lastIndex + 1, `entry ${entry.index} follows entry ${this.lastIndex}`);
      this.#entries.push(entry);
    }
  }

  /** Removes the entries from `from` on. */
  truncate(from: number): void {
    assert(from > this.#base.index, 'only what is in the log can be truncated');
    this.#entries.length = Math.min(this.#entries.length, from - this.first);
  }

  /** Removes the entries up to and including `to`. */
  compact(to: number): void {
    const term = this.term(to);
    assert(term !== undefined, 'the new base is in the log');
    this.#entries.splice(0, to - this.#base.index);
    this.#base = { index: to, term };
  }

  /** Forgets everything: the log goes on after `base`. */
  reset(base: Position): void {
    this.#base = base;
    this.#entries = [];
  }
}
