/**
 * The active node's side of telling its standbys what it changes: the keys, and an index that whatever storage they
 * read must have reached before the keys are read anew (facts §11).
 */

export interface Follower {
  /** The first time: from which index on it is told everything. */
  tell(keys: readonly string[], index: string): void;
  /** It is told nothing any more, and has to begin anew. */
  ended(): void;
}

export class ChangeFeed {
  /** Rejects when this node may not be the only one that writes. */
  readonly #index: () => Promise<string>;
  readonly #failed: (error: unknown) => void;
  readonly #followers = new Set<Follower>();
  /** Written, and not told yet with an index that is surely later. */
  #pending: string[] = [];
  /** Being written: the storage may have them already, and others see them there. */
  readonly #open = new Set<readonly string[]>();
  #asked = false;
  #running = false;

  constructor(index: () => Promise<string>, failed: (error: unknown) => void) {
    this.#index = index;
    this.#failed = failed;
  }

  /** Returns a function that ends it. */
  follow(follower: Follower): () => void {
    this.#followers.add(follower);
    this.mark();
    return () => this.#followers.delete(follower);
  }

  /** Before keys are written; the returned function is for when they are, or may be. */
  writing(keys: readonly string[]): () => void {
    this.#open.add(keys);
    return () => {
      this.#open.delete(keys);
      if (this.#followers.size === 0) return;
      this.#pending.push(...keys);
      this.mark();
    };
  }

  /** The followers hear how far everything is, whether anything has changed or not. */
  mark(): void {
    this.#asked = true;
    if (!this.#running) void this.#run();
  }

  close(): void {
    for (const follower of this.#followers) follower.ended();
    this.#followers.clear();
    this.#pending = [];
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (this.#asked && this.#followers.size > 0) {
        this.#asked = false;
        const before = this.#pending;
        this.#pending = [];
        // Who comes while the index is being asked for needs a later one.
        const present = [...this.#followers];
        const index = await this.#index();
        // What may have been written meanwhile is told twice: now, as the index may count it in, and with a later one.
        const keys = [...new Set([...before, ...this.#pending, ...[...this.#open].flat()])];
        for (const follower of present) if (this.#followers.has(follower)) follower.tell(keys, index);
      }
    } catch (error) {
      this.#failed(error);
      this.close();
    } finally {
      this.#running = false;
    }
  }
}
