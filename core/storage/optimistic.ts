/**
 * A transaction that works on a fork and remembers what it read, for storages that check at commit whether that
 * still holds (in memory at once, raft when the log entry is applied).
 */
import { failure } from '../fault.ts';
import type { OrderedMap } from './ordered.ts';
import type { Page, Transaction } from './storage.ts';

export interface ListRead {
  readonly prefix: string;
  readonly after: string;
  readonly limit: number;
  readonly names: readonly string[];
}

/** What a transaction did, in the order it was first done. */
export interface Footprint {
  /** Keys read, or written without having been read, with their value at the start. */
  readonly reads: ReadonlyMap<string, Uint8Array | undefined>;
  readonly lists: readonly ListRead[];
  /** The last value of each written key; undefined is a deletion. */
  readonly writes: ReadonlyMap<string, Uint8Array | undefined>;
}

export class OptimisticTransaction implements Transaction {
  readonly #base: OrderedMap<Uint8Array>;
  readonly #fork: OrderedMap<Uint8Array>;
  readonly #readOnly: boolean;
  readonly #apply: (footprint: Footprint) => Promise<void>;
  readonly #finish: () => void;
  readonly #reads = new Map<string, Uint8Array | undefined>();
  readonly #lists: ListRead[] = [];
  readonly #writes = new Map<string, Uint8Array | undefined>();
  #finished = false;

  /** `apply` is called at most once, and only when something was written; `finish` exactly once, after it. */
  constructor(
    base: OrderedMap<Uint8Array>,
    readOnly: boolean,
    apply: (footprint: Footprint) => Promise<void>,
    finish: () => void = () => {},
  ) {
    this.#base = base;
    this.#fork = base.fork();
    this.#readOnly = readOnly;
    this.#apply = apply;
    this.#finish = finish;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#checkOpen();
    if (this.#writes.has(key)) return this.#writes.get(key);
    return this.#remember(key);
  }

  async list(prefix: string, page?: Page): Promise<string[]> {
    this.#checkOpen();
    // Own writes may let names beyond the page's end move into it, so then the whole listing counts as read.
    const touched = this.#writes.size > 0 && [...this.#writes.keys()].some((key) => key.startsWith(prefix));
    const after = touched ? '' : (page?.after ?? '');
    const limit = touched ? 0 : (page?.limit ?? 0);
    if (!this.#lists.some((read) => read.prefix === prefix && read.after === after && read.limit === limit)) {
      this.#lists.push({ prefix, after, limit, names: this.#base.list(prefix, { after, limit }) });
    }
    return this.#fork.list(prefix, page);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    this.#checkWritable();
    this.#remember(key);
    this.#writes.set(key, value);
    this.#fork.set(key, value);
  }

  async delete(key: string): Promise<void> {
    this.#checkWritable();
    this.#remember(key);
    this.#writes.set(key, undefined);
    this.#fork.delete(key);
  }

  async commit(): Promise<void> {
    this.#checkOpen();
    this.#finished = true;
    try {
      if (this.#writes.size > 0) {
        await this.#apply({ reads: this.#reads, lists: this.#lists, writes: this.#writes });
      }
    } finally {
      this.#finish();
    }
  }

  async rollback(): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    this.#finish();
  }

  #remember(key: string): Uint8Array | undefined {
    const value = this.#base.get(key);
    if (!this.#reads.has(key)) this.#reads.set(key, value);
    return value;
  }

  #checkOpen(): void {
    if (this.#finished) throw failure('transaction has been committed or rolled back');
  }

  #checkWritable(): void {
    this.#checkOpen();
    if (this.#readOnly) throw failure('transaction is read-only');
  }
}
